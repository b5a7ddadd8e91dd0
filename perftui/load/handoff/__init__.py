"""The same plan on somebody else's engine: as a file for Locust or k6, and as a run that is watched like our own."""
