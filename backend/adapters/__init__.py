"""The outside world behind `backend.ports`. Only `bootstrap` chooses among these."""
