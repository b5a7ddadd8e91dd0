"""One file a widget; widgets don't know screens."""
