"""Arguments, exit codes, stdout and stderr; puts the parts together and imports them late."""
