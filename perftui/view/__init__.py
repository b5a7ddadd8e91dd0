"""Pictures from values: pure functions that make lines of text with meanings; no terminal library, no IO, no clock.

The console turns these lines into strips, the text snapshot joins them: one picture, two ways out.
"""
