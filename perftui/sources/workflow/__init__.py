"""Workflow events from files: lines to events, tails that survive what happens to files."""
