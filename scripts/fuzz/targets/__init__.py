"""The parsers, by name. A module is imported when its target is: the fuzzer watches what is imported then."""

from __future__ import annotations

import importlib

from scripts.fuzz.target import Target

MODULES = {
    "csv": "tables",
    "npz": "archives",
    "idx": "archives",
    "images": "archives",
    "zip": "archives",
    "messages": "messages",
    "gate": "gate",
    "bundles": "bundles",
    "tensors": "tensors",
    "updates": "tensors",
    "models": "models",
    "specifications": "models",
    "sockets": "sockets",
    "uploads": "uploads",
    "wallet": "wallet",
    "letters": "letters",
    "logs": "logs",
}


def load(name: str) -> Target:
    """The target of this name."""
    module = importlib.import_module(f"scripts.fuzz.targets.{MODULES[name]}")
    found: Target = next(target for target in module.TARGETS if target.name == name)
    return found
