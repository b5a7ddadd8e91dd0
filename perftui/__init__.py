"""perftui: the terminal console that performance engineers keep open while a test runs."""

__version__ = "0.1.0"
