"""Remember: ring buffers in memory, and the journal in SQLite."""
