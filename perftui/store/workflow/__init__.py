"""The model of one workflow source: events in, in whatever order they arrive; tasks, phases, runs and agents out."""
