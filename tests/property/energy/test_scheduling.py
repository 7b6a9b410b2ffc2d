"""Whatever the nodes: a node that gets better never falls behind, and every choice can be carried out."""

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from backend.energy.objectives import totals
from backend.energy.policies.carbon_greedy import CarbonGreedy
from backend.energy.policies.pareto import Pareto
from backend.energy.policies.weighted import Weighted, ranked
from tests.support.placements import NOON, drawn, work

BETTER = {
    "mg_per_kwh": lambda v: tuple(x // 2 for x in v),
    "millijoules": lambda v: v // 2,
    "seconds": lambda v: v / 2,
    "load_ppm": lambda v: v // 2,
    "recent_ppm": lambda v: v // 2,
    "rating_ppm": lambda v: (v + 1_000_000) // 2,
    "site_ppm": lambda v: tuple(min(1_000_000, x + 200_000) for x in v),
}


@given(st.integers(0, 10_000), st.integers(2, 9), st.data())
def test_weighted__a_node_gets_better_in_one_thing__never_ranks_lower(seed, count, data):
    nodes = [replace(n, levels=(4,)) for n in drawn(seed, count)]
    index = data.draw(st.integers(0, count - 1))
    field = data.draw(st.sampled_from(sorted(BETTER)))
    improved = replace(nodes[index], **{field: BETTER[field](getattr(nodes[index], field))})
    others = [*nodes[:index], improved, *nodes[index + 1 :]]

    place = [[s.node.node for s in ranked(work(), n, 0)].index(improved.node) for n in (nodes, others)]

    assert place[1] <= place[0]


@given(st.integers(0, 10_000), st.integers(2, 6), st.booleans(), st.integers(300, 20_000))
@example(seed=7236, count=6, may_wait=True, seconds=3701)
@example(seed=304, count=4, may_wait=True, seconds=7365)
def test_choose__any_nodes__levels_can_be_set_and_the_deadline_is_kept(seed, count, may_wait, seconds):
    nodes = drawn(seed, count)
    asked = work(may_wait=may_wait, latest_end=NOON + seconds, seed=seed)
    for policy in (Weighted(), CarbonGreedy(), Pareto()):
        schedule = policy.choose(asked, nodes)
        assert schedule is not None
        levels = {n.node: n.levels for n in nodes}
        assert all(p.level in levels[p.node] for p in schedule.placements)
        assert len({p.node for p in schedule.placements}) == 2
        # 60 s a round at most at full speed: any crew can be done in 240 s.
        assert totals(asked, schedule.placements, schedule.wait_hours).seconds <= seconds


@given(st.integers(0, 10_000), st.integers(2, 6))
def test_carbon__against_weighted__never_emits_more(seed, count):
    nodes, asked = drawn(seed, count), work(seed=seed)
    carbon, weighted = (p.choose(asked, nodes) for p in (CarbonGreedy(), Weighted()))

    assert carbon is not None
    assert weighted is not None
    assert totals(asked, carbon.placements, 0).micrograms <= totals(asked, weighted.placements, 0).micrograms
