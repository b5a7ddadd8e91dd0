"""Pictures of every screen, kept as text that a person has looked at."""
