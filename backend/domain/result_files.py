"""The names of a finished job's files: what the customer gets, and what of it a published job lets anybody have."""

from __future__ import annotations

EXPORTS = (
    "model.json",
    "model.weights.h5",
    "model.keras",
    "model.tflite",
    "model.pruned.keras",
    "metrics.json",
)
"""What the evaluator makes, or says why not."""

PREPROCESSING = ("preprocessing.json", "preprocess.py")
CARD_JSON, CARD_TEXT = "model_card.json", "model_card.md"
STATEMENT = "energy.json"

OPEN = (*EXPORTS, CARD_JSON, CARD_TEXT, STATEMENT, *PREPROCESSING)
"""The model and what is known of it, never the papers of its verdict."""
