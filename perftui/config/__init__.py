"""TOML to a typed Config, or to a list of problems that name file, line and the way out."""
