"""The bench's models are of the size they are said to be, and are accepted like any customer's."""

from __future__ import annotations

import pytest

from fl_nodes.protocol.architecture import from_keras_json, parameters
from scripts.bench.models import dense_of_size

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("wanted", [50_000, 1_000_000])
def test_dense_of_size__read_as_a_customers_model__has_that_many_parameters(wanted: int) -> None:
    text, count = dense_of_size(wanted, 64, 10)
    assert parameters(from_keras_json(text, (64,), 10)) == count
    assert abs(count - wanted) / wanted < 0.01
