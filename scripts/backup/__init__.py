"""Backup and restore: database, objects and the state of local chains, as they belong together (`python -m scripts.backup`)."""
