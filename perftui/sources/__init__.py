"""Read the outside: each source turns one kind of system into batches of samples; no source knows another."""
