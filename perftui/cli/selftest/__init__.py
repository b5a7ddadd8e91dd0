"""``perftui selftest``: what the console costs and how quick it is in this very terminal, and what to change."""
