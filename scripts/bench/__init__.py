"""`python -m scripts.bench`: the promised ratios, measured in one run on
a stack of its own and printed as JSON."""
