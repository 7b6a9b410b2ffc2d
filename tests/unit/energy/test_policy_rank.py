"""The simulation asks the dispatcher's own policies: it fills nodes in the order in which they would be chosen live."""

import math

import pytest

from backend.energy.policies.carbon_greedy import CarbonGreedy
from backend.energy.policies.standard import Standard
from backend.energy.policies.weighted import Weighted
from backend.energy.scheduling import PPM, NodeState, Policy, Work
from backend.energy.simulation.machines import BUSY, Machine
from backend.energy.simulation.policy_rank import Ahead, PolicyRank, covered
from fl_nodes.protocol.power import FULL, LEVELS_PPM, millijoules_at, seconds_at

FLEET = tuple(
    Machine(name, idle, full, 3, 1, 2 * idle, 2, 5, 15, 60, site)
    for site, (name, idle, full) in enumerate(
        (("a", 50, 200), ("b", 45, 180), ("c", 60, 250), ("d", 55, 220))
    )
)
AHEAD = Ahead(
    [[0.0, 300.0], [70.0, 0.0], [0.0, 50.0], [0.0, 0.0]],
    [[300.0, 300.0], [150.0, 150.0], [250.0, 250.0], [160.0, 90.0]],
)


def states(hour: int, expected_s: float) -> list[NodeState]:
    return [
        NodeState(
            m.name, expected_s, math.ceil(m.busy_w * expected_s * 1000), (round(AHEAD.g_per_kwh[m.site][hour] * 1000),),
            site_ppm=(round(PPM * covered(m, AHEAD.site_w[m.site][hour])),), static_ppm=m.static_ppm,
            levels=tuple(range(len(LEVELS_PPM))),
        )
        for m in FLEET
    ]  # fmt: skip


@pytest.mark.parametrize("policy", [CarbonGreedy(), Weighted(), Standard()], ids=lambda p: p.name)
@pytest.mark.parametrize("hour", [0, 1])
@pytest.mark.parametrize("expected_s", [0.5, 1.2])
def test_order__any_policy__its_first_is_the_node_chosen_live(policy: Policy, hour: int, expected_s: float):
    rank = PolicyRank(FLEET, policy, AHEAD, within_s=20.0)

    order = rank(hour, expected_s)

    live = policy.choose(Work(1, 1, hour * 3600.0, hour * 3600.0 + 15.0, seed=hour), states(hour, expected_s))
    assert live is not None
    assert FLEET[order[0][0]].name == live.placements[0].node
    assert sorted(node for node, _ in order) == [0, 1, 2, 3]


def test_order__the_site_covers_all__comes_first():
    rank = PolicyRank(FLEET, CarbonGreedy(), AHEAD, within_s=20.0)

    assert rank(1, 0.8)[0][0] == 0


def test_order__little_time__a_quicker_level():
    slow, quick = (PolicyRank(FLEET, CarbonGreedy(), AHEAD, within_s=s)(0, 1.0)[0][1] for s in (20.0, 6.05))

    assert slow < quick == FULL


def test_order__a_little_better_elsewhere__the_first_stays():
    mild = Ahead([[0.0] * 2] * 4, [[200.0, 200.0], [190.0, 200.0], [300.0] * 2, [300.0] * 2])
    drawn_to = Ahead(mild.site_w, [[200.0, 200.0], [190.0, 250.0], [300.0] * 2, [300.0] * 2])
    stays, moves = (
        PolicyRank(FLEET, CarbonGreedy(), ahead, 20.0, switch_share=0.5) for ahead in (mild, drawn_to)
    )
    free = PolicyRank(FLEET, CarbonGreedy(), drawn_to, 20.0, switch_share=1.0)

    assert [stays(h, 1.0)[0][0] for h in (0, 1)] == [1, 1]
    assert [moves(h, 1.0)[0][0] for h in (0, 1)] == [1, 1]
    assert [free(h, 1.0)[0][0] for h in (0, 1)] == [1, 0]


@pytest.mark.parametrize("level", range(len(LEVELS_PPM)))
def test_machine__a_task_at_a_level__takes_the_energy_that_policies_reckon_with(level: int):
    machine = FLEET[0]
    at_full = math.ceil(machine.busy_w * 0.8 * 1000)

    simulated = machine.watts()[BUSY + level] * seconds_at(0.8, level) * 1000

    assert simulated == pytest.approx(millijoules_at(at_full, level, machine.static_ppm), abs=1.0)
