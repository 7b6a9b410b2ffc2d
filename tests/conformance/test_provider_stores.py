"""`ports.Machines` and `ports.RatingSteps`."""

from dataclasses import replace

from backend.domain.machine import Machine
from backend.domain.rating_step import RatingStep

NOON = 1_900_000_000.0
MACHINE = Machine(
    "0xP", "0xK", "sun-1", "trainer", "ABCD-EFGH", NOON, {"gpus": ["H200"], "memory.bytes": 10**12}
)
STEP = RatingStep("0xP", "verdict", 10_000, int(NOON), 7, 2, "0xT", "0xJ")


def test_machines__heard_again__is_listed_once_with_its_newest_word(stores):
    stores.machines.put(replace(MACHINE, code="OLD"))
    stores.machines.put(MACHINE)
    stores.machines.put(replace(MACHINE, key="0xL"))
    stores.machines.put(replace(MACHINE, provider="0xQ"))
    assert stores.machines.of("0xP", NOON - 1) == [MACHINE, replace(MACHINE, key="0xL")]


def test_machines__not_heard_since__are_left_out(stores):
    stores.machines.put(MACHINE)
    assert stores.machines.of("0xP", NOON) == []


def test_rating_steps__added_in_any_order_and_twice__come_once_in_the_order_of_the_chain(stores):
    later = (replace(STEP, log_index=11), replace(STEP, block=10, log_index=0))
    stores.rating_steps.add([*later[::-1], STEP])
    stores.rating_steps.add([replace(STEP, bps=1), replace(STEP, provider="0xQ")])
    stores.rating_steps.add([])
    assert stores.rating_steps.of("0xP") == [STEP, *later]
    assert stores.rating_steps.of("0xNobody") == []
