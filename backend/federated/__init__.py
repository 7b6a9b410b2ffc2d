"""Pure rules that fold a round's updates into one: numpy only, no I/O, nothing random.

The only part of the backend that the aggregator, the operator's own worker, imports.
"""
