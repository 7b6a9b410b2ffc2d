"""Whatever a customer's model file holds, it is an architecture or one sentence."""

import json

from hypothesis import given
from hypothesis import strategies as st

from fl_nodes.protocol.architecture import ArchitectureInvalid, check, from_keras_json, parameters
from fl_nodes.protocol.layers import KINDS

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 10)
    | st.floats()
    | st.sampled_from(["relu", "softmax", "same", "Zeros", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CLASSES = st.sampled_from(
    [k.keras_class for k in KINDS.values()] + ["InputLayer", "ReLU", "Softmax", "ELU", "Lambda"]
)
SETTINGS = st.sampled_from(
    sorted({s for k in KINDS.values() for s in k.settings} | {"batch_shape", "dtype", "axis", "alpha"})
)
LAYER = st.fixed_dictionaries(
    {"class_name": CLASSES, "config": st.dictionaries(SETTINGS, JSON, max_size=5)},
    optional={"inbound_nodes": JSON, "name": JSON},
)
DOCUMENT = st.fixed_dictionaries(
    {
        "class_name": st.sampled_from(["Sequential", "Functional", "Model"]),
        "config": st.fixed_dictionaries({"layers": st.lists(LAYER, max_size=5)}) | JSON,
    }
)


def accepted(text: str) -> None:
    made, refusal = None, None
    try:
        made = from_keras_json(text, [4], 2)
    except ArchitectureInvalid as refused:
        refusal = refused
    if refusal is not None:
        assert refusal.code.startswith("model.")
        assert refusal.message.endswith(".")
    else:
        assert check(made) == made
        assert parameters(made) >= 0


@given(st.text() | JSON.map(json.dumps))
def test_model_file__any_text__is_refused_in_a_sentence(text: str) -> None:
    accepted(text)


@given(DOCUMENT)
def test_model_file__nearly_keras__is_accepted_or_refused_in_a_sentence(document: dict) -> None:
    accepted(json.dumps(document))
