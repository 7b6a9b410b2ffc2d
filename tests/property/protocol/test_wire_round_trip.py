"""Every message comes through JSON as it was, and rubbish is refused as WireError only."""

import json
from dataclasses import MISSING, fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fl_nodes.protocol import tasks, verdict_tasks
from fl_nodes.protocol.payout import WEIGHTS, Weights
from fl_nodes.protocol.wire import WireError, from_wire, to_wire

MESSAGES = [
    kind
    for module in (tasks, verdict_tasks)
    for kind in vars(module).values()
    if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def values(kind: type) -> st.SearchStrategy:
    """Messages of a kind with finite numbers and JSON objects where anything is allowed."""
    st.register_type_strategy(float, FINITE)
    st.register_type_strategy(Weights, st.sampled_from([WEIGHTS, Weights(0, 20, 15, 30, 20, 15)]))
    # An architecture is any JSON; what holds one is drawn with a fixed one.
    fixed = {"architecture": st.just({"input_shape": [2], "layers": []})}
    for holding in (tasks.TrainTask, verdict_tasks.EnergyBasis):
        if holding is not kind:
            st.register_type_strategy(holding, st.builds(holding, **fixed))
    return st.from_type(kind)


@pytest.mark.parametrize("kind", [k for k in MESSAGES if "architecture" not in {f.name for f in fields(k)}])
@given(data=st.data())
def test_message__over_the_wire__is_the_same(kind: type, data: st.DataObject) -> None:
    message = data.draw(values(kind))
    assert from_wire(kind, json.loads(json.dumps(to_wire(message)))) == message


@pytest.mark.parametrize("kind", MESSAGES)
@given(rubbish=JSON)
def test_rubbish__as_any_message__is_refused_as_such(kind: type, rubbish: object) -> None:
    with pytest.raises(WireError):
        from_wire(kind, rubbish)


@given(st.data())
def test_message__one_field_missing_or_added__is_refused(data: st.DataObject) -> None:
    message = to_wire(data.draw(values(tasks.Commitment)))
    needed = [f.name for f in fields(tasks.Commitment) if f.default is MISSING]
    required = data.draw(st.sampled_from(needed))
    with pytest.raises(WireError, match=required):
        from_wire(tasks.Commitment, {k: v for k, v in message.items() if k != required})
    with pytest.raises(WireError, match="unknown"):
        from_wire(tasks.Commitment, message | {"unknown": 1})
