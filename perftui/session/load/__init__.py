"""Loads of a session: one at a time, in a process of its own, told to every console and kept in the history."""
