"""Load on a server: an engine in a process of its own, what it is told, and what its figures become."""
