"""The terminal end: what is shown, what is sent for it, and when."""
