"""`python -m scripts.demo`: three paid jobs on a stack of its own, told as
they happen, and a report of what they proved."""
