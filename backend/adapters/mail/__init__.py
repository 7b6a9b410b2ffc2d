"""Outgoing mail, and a local post office to read it in."""
