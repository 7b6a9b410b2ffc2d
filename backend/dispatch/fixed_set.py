"""The benchmark's data: the handwritten digits, kept with the code, so that no node and no operator has to fetch them.

`digits.npz` holds the 1 797 pictures of 8 x 8 pixels, 0 to 16, and their digits, of the test part of Alpaydin and Kaynak,
Optical Recognition of Handwritten Digits (UCI Machine Learning Repository 1998, CC BY 4.0), as scikit-learn ships them. Every
fifth row is held out. What is made of it is put into object storage once and must hash to what is written here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import save

from backend.errors import Unrecoverable
from backend.ports import Objects
from fl_nodes.protocol.hashing import sha256_hex

FILE = Path(__file__).with_name("digits.npz")
BRIGHTEST = 16
HELD_OUT_EVERY = 5
TRAINING_KEY, HELD_OUT_KEY = (
    "benchmarks/digits/training.safetensors",
    "benchmarks/digits/held-out.safetensors",
)
SHA256 = {
    TRAINING_KEY: "1264f7618c0236c1b7b08f5e29a9fbea75511bca55a3e8bfc102423b28c51efa",
    HELD_OUT_KEY: "9f4e81140b22bd7c056b85cf85501c392eb8331372e3a1979f066e9466574cd3",
}


def splits() -> dict[str, bytes]:
    """Both parts as files by object key; Unrecoverable `benchmark.data` if they are not what they should be."""
    with np.load(FILE) as kept:
        x = kept["x"].astype(np.float32) / np.float32(BRIGHTEST)
        y = kept["y"].astype(np.int32)
    held_out = np.arange(len(y)) % HELD_OUT_EVERY == HELD_OUT_EVERY - 1
    made = {}
    for key, rows in ((TRAINING_KEY, ~held_out), (HELD_OUT_KEY, held_out)):
        made[key] = save({"x": np.ascontiguousarray(x[rows]), "y": np.ascontiguousarray(y[rows])})
        if sha256_hex(made[key]) != SHA256[key]:
            raise Unrecoverable("benchmark.data", f"The benchmark's {key} is not the one this version knows.")
    return made


def ensure_stored(objects: Objects) -> None:
    """Put both parts into object storage unless they are there."""
    if all((there := objects.stat(key)) and there.sha256 == digest for key, digest in SHA256.items()):
        return
    for key, data in splits().items():
        objects.put(key, data)
