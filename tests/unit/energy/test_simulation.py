"""The event loop: first come, first served, nothing lost, every second of every node accounted for, and as SimPy has it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import simpy

from backend.energy.simulation.account import Chain, World, bill
from backend.energy.simulation.dispatchers import Pinned, RoundRobin, SourceScore
from backend.energy.simulation.engine import Dispatcher, Run, Tasks, run
from backend.energy.simulation.free_first import FreeFirst
from backend.energy.simulation.machines import ASLEEP, BUSY, FALLING, IDLE, MODES, OFF, WAKING, Machine
from backend.energy.simulation.packed import Packed, Rules
from backend.energy.simulation.state import HOUR_S, NEVER, State
from backend.energy.simulation.theory import erlang_c, mean_wait
from fl_nodes.protocol.power import FULL, LEVELS_PPM, PPM

HOURS = 5
FLEET = tuple(
    Machine(name, idle, full, 3, 1, 2 * idle, 2, 5, 15, 60, site)
    for site, (name, idle, full) in enumerate((("a", 50, 200), ("b", 45, 180), ("c", 60, 250)))
)
ORDER = [(1, 1), (0, FULL), (2, FULL)]


def workload(seed: int = 1, per_hour: float = 300.0, hours: int = HOURS) -> Tasks:
    draw = np.random.default_rng(seed)
    arrivals = np.cumsum(draw.exponential(3600 / per_hour, int(2 * per_hour * hours)))
    arrivals = arrivals[arrivals < hours * HOUR_S]
    expected = draw.choice([0.5, 0.8, 12.0], len(arrivals))
    return Tasks(arrivals, expected * draw.uniform(0.8, 1.2, len(arrivals)), expected, hours)


def dispatchers(state: State, tasks: Tasks) -> dict[str, Dispatcher]:
    return {
        "round robin": RoundRobin(3),
        "pinned": Pinned(1, 3),
        "source": SourceScore(state, [[80.0] * (HOURS + 1)] * 3, [0.5] * len(tasks.arrivals)),
        "packed": Packed(state, lambda hour, _: ORDER if hour % 2 else ORDER[::-1], Rules(5.0)),
        "held": Packed(state, lambda *_: ORDER, Rules(5.0, hold_s=20.0)),
        "one queue": FreeFirst(state),
    }


def play(name: str, tasks: Tasks, sleeps: bool = True, foresight: bool = False) -> Run:
    state = State(FLEET, tasks.hours, sleeps)
    return run(FLEET, tasks, dispatchers(state, tasks)[name], state, foresight)


EVERY = ("round robin", "pinned", "source", "packed", "held", "one queue")


@pytest.mark.parametrize("per_hour", [20.0, 300.0, 2000.0])
@pytest.mark.parametrize("name", EVERY)
def test_run__any_dispatcher_and_load__every_second_of_every_node_is_in_one_mode(name: str, per_hour: float):
    tasks = workload(per_hour=per_hour)

    done = play(name, tasks)

    by_hour = done.spent[:, :HOURS].sum(axis=2)
    assert done.spent.min() >= 0
    np.testing.assert_allclose(by_hour, HOUR_S, rtol=1e-9)


@pytest.mark.parametrize("name", EVERY)
def test_run__any_dispatcher__no_task_is_lost_and_none_overtakes_on_its_node(name: str):
    tasks = workload()

    done = play(name, tasks)

    assert len(done.latencies) == len(tasks.arrivals)
    assert (done.starts >= tasks.arrivals).all()
    ends = tasks.arrivals + done.latencies
    for node in range(len(FLEET)):
        mine = done.nodes == node
        assert (done.starts[mine][1:] >= ends[mine][:-1] - 1e-9).all()


@pytest.mark.parametrize("name", EVERY)
def test_run__any_dispatcher__busy_seconds_are_those_of_the_tasks(name: str):
    tasks = workload()

    done = play(name, tasks)

    served = done.spent[:, :, BUSY:].sum(axis=(0, 1)) * np.array(LEVELS_PPM) / PPM
    assert served.sum() == pytest.approx(tasks.seconds.sum(), rel=1e-9)


@pytest.mark.parametrize("name", EVERY)
def test_run__the_same_seed__the_same_result(name: str):
    one, other = play(name, workload(7)), play(name, workload(7))

    assert (one.spent == other.spent).all()
    assert (one.latencies == other.latencies).all()


def test_run__a_sleeping_node__serves_only_after_it_woke():
    tasks = Tasks(np.array([0.0, 100.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0]), 1)
    state = State(FLEET[:1], 1, sleeps=True)
    state.sleep_after[:] = [10.0]

    done = run(FLEET[:1], tasks, Pinned(0, FULL), state)

    assert done.latencies[1] == pytest.approx(6.0)  # 5 s of waking, 1 of work
    spent = done.spent[0].sum(axis=0)
    assert spent[WAKING] == pytest.approx(5.0)
    assert spent[FALLING] == pytest.approx(4.0)  # twice: it sleeps again at the end
    assert spent[ASLEEP] == pytest.approx(100 - 13 + 3600 - 118)


def test_run__a_task_while_its_node_falls_asleep__waits_for_that_too():
    tasks = Tasks(np.array([0.0, 11.5]), np.array([1.0, 1.0]), np.array([1.0, 1.0]), 1)
    state = State(FLEET[:1], 1, sleeps=True)
    state.sleep_after[:] = [10.0]

    done = run(FLEET[:1], tasks, Pinned(0, FULL), state)

    assert done.starts[1] == pytest.approx(13.0 + 5.0)


def test_run__tasks_that_are_held__share_one_waking():
    arrivals = np.array([100.0, 110.0, 119.0])
    tasks = Tasks(arrivals, np.ones(3), np.ones(3), 1)
    state = State(FLEET[:1], 1, sleeps=True)

    done = run(FLEET[:1], tasks, Packed(state, lambda *_: [(0, FULL)], Rules(5.0, hold_s=20.0)), state)

    assert done.spent[0].sum(axis=0)[WAKING] == pytest.approx(5.0)
    np.testing.assert_allclose(done.starts, [125.0, 126.0, 127.0])


def test_run__a_node_that_is_off__is_booted_for_its_task():
    tasks = Tasks(np.array([1000.0]), np.ones(1), np.ones(1), 1)
    state = State(FLEET[:1], 1, sleeps=True)
    state.turn_off(0, 0.0)

    done = run(FLEET[:1], tasks, Pinned(0, FULL), state)

    assert done.latencies[0] == pytest.approx(61.0)
    assert done.spent[0].sum(axis=0)[OFF] == pytest.approx(1000.0 - 15.0)


def test_packed__nodes_not_wanted_for_long__are_shut_down_and_the_others_serve():
    tasks = workload(per_hour=60.0)

    done = play("held", tasks)

    spent = done.spent.sum(axis=1)
    assert spent[2, OFF] > 2 * HOUR_S
    assert spent[1, OFF] == 0
    assert (done.nodes == 1).mean() > 0.5


def test_run__with_foresight__waits_for_no_waking_and_takes_no_more():
    tasks = workload(per_hour=60.0)
    without, seen = play("pinned", tasks), play("pinned", tasks, foresight=True)

    world = World(np.zeros((3, HOURS + 1)), np.full((3, HOURS + 1), 300.0))
    assert seen.latencies.mean() < without.latencies.mean()
    assert bill(FLEET, seen, world, Chain()).kwh < bill(FLEET, without, world, Chain()).kwh


def simpy_latencies(tasks: Tasks, nodes: int) -> list[float]:
    """Round robin over nodes that never sleep, by SimPy."""
    environment = simpy.Environment()
    servers = [simpy.Resource(environment) for _ in range(nodes)]
    latencies = [0.0] * len(tasks.arrivals)

    def task(place: int, at: float, seconds: float) -> Any:
        yield environment.timeout(at)
        with servers[place % nodes].request() as turn:
            yield turn
            yield environment.timeout(seconds)
        latencies[place] = environment.now - at

    for place, (at, seconds) in enumerate(zip(tasks.arrivals, tasks.seconds, strict=True)):
        environment.process(task(place, float(at), float(seconds)))
    environment.run()
    return latencies


def test_run__round_robin__as_simpy_has_it():
    tasks = workload(per_hour=1500.0, hours=1)

    done = play("round robin", tasks, sleeps=False)

    np.testing.assert_allclose(done.latencies, simpy_latencies(tasks, 3), rtol=1e-9, atol=1e-6)


def test_bill__a_site_that_covers_part__only_the_rest_comes_from_the_grid():
    tasks = Tasks(np.array([0.0]), np.array([1800.0]), np.array([1800.0]), 1)
    state = State(FLEET[:1], 1, sleeps=False)
    done = run(FLEET[:1], tasks, Pinned(0, FULL), state)

    found = bill(
        FLEET[:1], done, World(np.array([[80.0, 0.0]]), np.array([[400.0, 0.0]])), Chain(3.6e6, 100.0)
    )

    assert found.busy_kwh == pytest.approx(0.1)  # half an hour of 200 W
    assert found.idle_kwh == pytest.approx(0.025)
    assert found.renewable_kwh == pytest.approx(0.04 + 0.025)
    assert found.grams == pytest.approx((0.1 - 0.04) * 400 + 1.0 * 100)
    assert found.kwh == pytest.approx(0.125 + 1.0)


def test_machine__levels__static_power_stays_and_dynamic_falls_with_the_cube():
    watts = FLEET[0].watts()

    assert len(watts) == MODES
    assert watts[BUSY + FULL] == pytest.approx(200)
    assert watts[BUSY] == pytest.approx(50 + 150 * 0.4**3)
    assert watts[IDLE] == 50


def test_machine__what_is_as_thrifty_asleep_as_off__is_never_worth_shutting_down():
    assert replace(FLEET[0], off_w=3).off_pays_s() == NEVER
    assert FLEET[0].off_pays_s() == pytest.approx((5 + 15 + 60) * 99 / 2)


@pytest.mark.parametrize(("servers", "load", "expected"), [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (5, 4.0, 0.5541)])
def test_erlang_c__known_values__are_met(servers: int, load: float, expected: float):
    assert erlang_c(servers, load) == pytest.approx(expected, abs=1e-4)


def test_mean_wait__exponential_service__is_erlangs_and_one_server_is_pollaczek_khinchines():
    assert mean_wait(5, 4.0, 1.0, 1.0) == pytest.approx(0.5541, abs=1e-4)
    assert mean_wait(1, 0.5, 1.0, 0.0) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="busy"):
        mean_wait(2, 2.0, 1.0, 1.0)


@pytest.mark.parametrize("servers", [1, 4])
def test_run__one_queue__waits_as_theory_says(servers: int):
    mean, squared_cv, busy = 0.73, 0.1504, 0.7
    draw = np.random.default_rng(3)
    count = 60_000
    arrivals = np.cumsum(draw.exponential(mean / busy / servers, count))
    seconds = draw.choice([0.5, 0.8, 1.2], count, p=[0.5, 0.3, 0.2]) * draw.uniform(0.8, 1.2, count)
    tasks = Tasks(arrivals, seconds, seconds, int(arrivals[-1] // HOUR_S) + 1)
    fleet = [replace(FLEET[0], name=str(n)) for n in range(servers)]
    state = State(fleet, tasks.hours, sleeps=False)

    done = run(fleet, tasks, FreeFirst(state), state)

    theory = mean_wait(servers, busy * servers / mean, mean, squared_cv)
    assert (done.starts - arrivals).mean() == pytest.approx(theory, rel=0.05)
