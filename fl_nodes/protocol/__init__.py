"""The language the backend and the nodes share: messages, hashes, signed texts, and the rules both sides must compute alike.

Standard library only, so that either side can be audited without installing the other.
"""
