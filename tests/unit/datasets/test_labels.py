"""Values of a target become classes with names."""

from __future__ import annotations

import numpy as np

from backend.datasets.labels import number_classes
from backend.datasets.limits import Limits


def test_number_classes__zeros_of_both_signs__are_one_class_named_without_a_sign():
    codes, names = number_classes(np.array([-0.0, 0.5, 0.0]), "y", Limits())
    assert names == ("0.0", "0.5")
    assert codes.tolist() == [0, 1, 0]
