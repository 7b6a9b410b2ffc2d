"""Customers' files: what is in them, why they cannot be trained on, and how they become tensors. Pure; reads
given files only.
"""

from backend.datasets.encoder import Encoder, portable_source
from backend.datasets.idx import pair_idx
from backend.datasets.inspection import inspect, load
from backend.datasets.limits import Limits
from backend.datasets.partition import Split, shard, split
from backend.datasets.refusal import DatasetInvalid
from backend.datasets.table import Column, Inspection, Table

__all__ = [
    "Column",
    "DatasetInvalid",
    "Encoder",
    "Inspection",
    "Limits",
    "Split",
    "Table",
    "inspect",
    "load",
    "pair_idx",
    "portable_source",
    "shard",
    "split",
]
