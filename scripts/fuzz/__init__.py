"""Hostile input for everything that reads what strangers send: `make fuzz`."""
