"""Think: pure functions, values in, findings out; no IO and no clock."""
