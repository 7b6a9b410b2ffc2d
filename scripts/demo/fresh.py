"""Run by the node environment's Python, in a process of its own: what a customer does with the downloaded files.

Reads raw CSV rows, encodes them with the downloaded `preprocess.py`, loads architecture and weights with Keras,
predicts, and prints JSON. Rows of the test split are told from the others by their encoded values.
"""

from __future__ import annotations

import csv
import json
import runpy
import sys
from pathlib import Path


def main(folder: Path, dataset: Path, test_split: Path) -> None:
    """Print accuracy on the raw rows that no node has seen."""
    import keras  # type: ignore[import-not-found]
    import numpy as np
    from safetensors.numpy import load_file

    recipe = json.loads((folder / "preprocessing.json").read_text(encoding="utf-8"))
    preprocess = runpy.run_path(str(folder / "preprocess.py"))["preprocess"]
    with dataset.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    encoded = preprocess(recipe, rows)
    unseen = {row.tobytes() for row in load_file(test_split)["x"]}
    held = [i for i, row in enumerate(encoded) if row.tobytes() in unseen]

    model = keras.models.model_from_json((folder / "model.json").read_text(encoding="utf-8"))
    model.load_weights(folder / "model.weights.h5")
    predicted = [recipe["classes"][i] for i in np.argmax(model.predict(encoded[held], verbose=0), axis=1)]
    right = sum(name == rows[i][recipe["target"]] for name, i in zip(predicted, held, strict=True))
    print(json.dumps({"rows": len(held), "accuracy": right / len(held), "keras": keras.__version__}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
