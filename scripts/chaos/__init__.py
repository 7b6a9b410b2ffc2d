"""The crash campaign: parts of a stack are killed before and after what they do to the world, and the books are audited.

`make chaos SEEDS=n`, or `python -m scripts.chaos --help`.
"""
