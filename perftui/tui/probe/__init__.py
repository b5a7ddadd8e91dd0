"""What a terminal and the way to it are able to, found out by asking the terminal; needs no Textual."""
