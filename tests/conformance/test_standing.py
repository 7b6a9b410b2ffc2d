"""`ports.Nodes`, `ports.Cursors`."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from backend.domain.node import Node
from backend.domain.rating import Baseline, Measured
from backend.errors import Invalid, NotFound

NODE = Node("0xProvider", "0xKey", "alpha", ("trainer", "validator"), str(10**24), 5000, "Active")
PRESENCE = {
    "role": "trainer",
    "hardware": {"gpu.name": "H200", "bytes": 10**12},
    "framework": "tensorflow 2.21",
    "environment": "abc",
    "zone": "CH",
    "forecast": {"watts": [1.5, 2.5]},
}
MEASURED = Measured(0.95, 0.94, 1.5, 12.25, "modelled", 400_000)
NOON = 1_900_000_000.0


def test_mirror__new_node__comes_back_equal(stores):
    stores.nodes.mirror(NODE)
    assert stores.nodes.get("0xProvider") == NODE
    assert stores.nodes.by_key("0xKey") == NODE
    assert stores.nodes.all() == [NODE]
    assert stores.nodes.get("0xOther") is None
    assert stores.nodes.by_key("0xOther") is None


def test_seen__with_presence__survives_the_next_mirror(stores):
    stores.nodes.mirror(NODE)
    stores.nodes.seen("0xProvider", NOON, PRESENCE)
    stores.nodes.mirror(replace(NODE, rating_bps=6000, frozen=True))
    expected = replace(NODE, rating_bps=6000, frozen=True, online=True, last_seen=NOON, **PRESENCE)
    assert stores.nodes.get("0xProvider") == expected
    stores.nodes.seen("0xProvider", NOON + 1)
    assert stores.nodes.get("0xProvider") == replace(expected, last_seen=NOON + 1)


def test_present__of_many__are_online_and_what_else_is_known_of_them_stays(stores):
    others = [replace(NODE, provider=f"0xP{n}", key=f"0xK{n}") for n in range(3)]
    for node in (NODE, *others):
        stores.nodes.mirror(node)
    stores.nodes.seen("0xProvider", NOON, PRESENCE)
    assert stores.nodes.all()[0] == others[0]

    stores.nodes.present({"0xProvider", "0xP1", "0xNobody"}, NOON + 5)
    stores.nodes.present((), NOON + 50)

    seen = {node.provider: node for node in stores.nodes.all()}
    assert seen["0xProvider"] == replace(NODE, online=True, last_seen=NOON + 5, **PRESENCE)
    assert seen["0xP1"] == replace(others[1], online=True, last_seen=NOON + 5)
    assert (seen["0xP0"].online, seen["0xP2"].online, len(seen)) == (False, False, 4)
    stores.nodes.present({"0xP1"}, NOON)
    stores.nodes.gone("0xP1", NOON + 1)
    assert stores.nodes.get("0xP1") == seen["0xP1"]
    stores.nodes.gone("0xP1", NOON + 6)
    assert stores.nodes.all()[1] == replace(others[1], online=False, last_seen=NOON + 6)


def test_all__after_changes_of_every_kind__is_what_get_tells(stores):
    for n in range(3):
        stores.nodes.mirror(replace(NODE, provider=f"0x{n}", key=f"0xK{n}"))
    stores.nodes.all()
    stores.nodes.mirror(replace(NODE, provider="0x0", key="0xK0", rating_bps=1))
    stores.nodes.seen("0x1", NOON, PRESENCE)
    stores.nodes.may_rest("0x2", NOON)
    assert stores.nodes.all() == [stores.nodes.get(f"0x{n}") for n in range(3)]
    assert stores.nodes.all()[0].rating_bps == 1


def test_rated__by_the_rater__survives_chain_and_connection(stores):
    stores.nodes.mirror(NODE)
    baseline = Baseline(6100, NOON, benchmark=2, key="benchmarks/x/2.json", measured=MEASURED, rated_bps=6100)
    stores.nodes.rated("0xProvider", baseline)
    stores.nodes.mirror(NODE)
    stores.nodes.seen("0xProvider", NOON, PRESENCE)
    assert stores.nodes.get("0xProvider").baseline == baseline
    with pytest.raises(NotFound):
        stores.nodes.rated("0xNobody", baseline)


def test_may_rest__until_the_next_hour__survives_chain_and_connection(stores):
    stores.nodes.mirror(NODE)
    stores.nodes.may_rest("0xProvider", NOON)
    stores.nodes.mirror(NODE)
    stores.nodes.seen("0xProvider", NOON - 5, PRESENCE)
    assert stores.nodes.get("0xProvider").rest_until == NOON
    stores.nodes.may_rest("0xNobody", NOON)
    assert stores.nodes.get("0xNobody") is None


def test_gone__connection_closed__offline_unless_seen_later(stores):
    stores.nodes.mirror(NODE)
    stores.nodes.seen("0xProvider", NOON)
    stores.nodes.gone("0xProvider", NOON - 1)
    assert stores.nodes.get("0xProvider").available
    stores.nodes.gone("0xProvider", NOON + 1)
    assert not stores.nodes.get("0xProvider").online
    assert stores.nodes.get("0xProvider").last_seen == NOON + 1
    stores.nodes.gone("0xNobody", NOON)
    assert stores.nodes.get("0xNobody") is None


def test_seen__before_the_first_mirror__not_found(stores):
    with pytest.raises(NotFound) as refusal:
        stores.nodes.seen("0xProvider", NOON)
    assert refusal.value.code == "node.unknown"


@pytest.mark.parametrize(
    "lie",
    [
        {"rating_bps": 10_000},
        {"baseline": None},
        {"state": "Active"},
        {"hardware": "H200"},
        {"forecast": {"x": float("nan")}},
    ],
)
def test_seen__what_is_not_its_to_say__refused_and_unchanged(stores, lie):
    stores.nodes.mirror(NODE)
    with pytest.raises(Invalid):
        stores.nodes.seen("0xProvider", NOON, lie)
    assert stores.nodes.get("0xProvider") == NODE


def test_nodes__chain_and_connection_at_once__lose_nothing(stores):
    stores.nodes.mirror(NODE)

    def mirror(_: int) -> None:
        for rating in range(5001, 5021):
            stores.nodes.mirror(replace(NODE, rating_bps=rating))

    def connect(_: int) -> None:
        for second in range(1, 21):
            stores.nodes.seen("0xProvider", NOON + second, {"zone": f"z{second}"})

    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda act: act(0), [mirror, connect]))
    node = stores.nodes.get("0xProvider")
    assert (node.rating_bps, node.last_seen, node.zone) == (5020, NOON + 20, "z20")


def test_cursors__saved__load_gives_the_last(stores):
    assert stores.cursors.load("market") is None
    stores.cursors.save("market", 7)
    stores.cursors.save("market", 9)
    stores.cursors.save("carbon", 1)
    assert (stores.cursors.load("market"), stores.cursors.load("carbon")) == (9, 1)
