"""The link between a session and its consoles: messages, framing, client and mirror."""
