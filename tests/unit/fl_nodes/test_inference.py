"""What predictions cost, by counters turned by hand."""

from dataclasses import dataclass, field

import pytest

from fl_nodes.evaluator.inference import WINDOWS, measured
from fl_nodes.meter.port import Count


@dataclass
class World:
    """A counter, and forms that draw from it: each call of one costs so many joules and makes ten predictions."""

    joules: float = 0.0
    order: list[str] = field(default_factory=list)
    method: str = "by hand"

    def form(self, name: str, *costs: float):
        left = list(costs)

        def predict() -> int:
            self.order.append(name)
            self.joules += left.pop(0) if len(left) > 1 else left[0]
            return 10

        return predict

    def mark(self) -> float:
        return self.joules

    def between(self, begin: float, end: float) -> Count:
        return Count(end - begin, "measured", 50_000, self.method, 2 * (end - begin))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("fl_nodes.evaluator.inference._calls", lambda *_: 1)
    return World()


def test_measured__fixed_costs__gives_them_and_their_ratio_back(world: World) -> None:
    forms = {"float32": world.form("float32", 0.5), "int8": world.form("int8", 0.125)}
    found = measured(forms, (world,), 1.0, 10)
    assert found["float32"].microjoules_per_1000 == 50_000_000
    assert found["int8"].microjoules_per_1000 == 12_500_000
    assert found["int8"].microseconds_per_1000 == 25_000_000
    assert (found["int8"].ratio_ppm, found["int8"].ratio_band_ppm) == (250_000, 0)
    assert (found["int8"].kind, found["int8"].band_ppm) == ("measured", 50_000)
    assert found["int8"].predictions == 10 * WINDOWS


def test_measured__forms__take_turns_in_going_first(world: World) -> None:
    measured({name: world.form(name, 1.0) for name in ("float32", "int8", "pruned")}, (world,), 1.0)
    firsts = world.order[::3]
    assert set(firsts[:3]) == {"float32", "int8", "pruned"}


def test_measured__costs_that_vary__widen_the_ratios_band(world: World) -> None:
    forms = {"float32": world.form("float32", 1.0), "int8": world.form("int8", *([0.4, 0.6] * WINDOWS))}
    found = measured(forms, (world,), 1.0)["int8"]
    assert found.ratio_ppm == pytest.approx(500_000, abs=50_000)
    assert 50_000 < found.ratio_band_ppm < 200_000
