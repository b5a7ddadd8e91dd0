"""The terminal end of the console beside its rivals: a meter of its own, a scenario, and a table of bounds."""
