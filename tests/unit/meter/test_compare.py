"""Which estimator is taken, from runs on record."""

import pytest

from fl_nodes.meter.compare import CODECARBON, OURS, Run, figures


def runs(ours: list[float], theirs: list[float]) -> list[Run]:
    """Runs of one CPU second each."""
    return [Run({OURS: a, CODECARBON: b}, 1.0, 1.0) for a, b in zip(ours, theirs, strict=True)]


def test_figures__variation_and_ratio__are_those_of_the_runs() -> None:
    said = figures(runs([8.0, 12.0], [4.0, 6.0]))
    assert said["model"]["mean_joules"] == 10
    assert said["model"]["coefficient_of_variation"] == pytest.approx(8**0.5 / 10)
    assert said["codecarbon_over_model"] == {"mean": 0.5, "coefficient_of_variation": 0.0}
    assert said["choice"] == OURS


def test_figures__codecarbon_repeats_clearly_better__is_chosen() -> None:
    assert figures(runs([8.0, 12.0], [5.0, 5.5]))["choice"] == CODECARBON
    assert figures(runs([9.5, 10.5], [5.0, 5.48]))["choice"] == OURS, "as good: the one that costs less"


def test_figures__one_run__shows_no_repeatability() -> None:
    with pytest.raises(ValueError, match="two runs"):
        figures(runs([1.0], [1.0]))


def test_figures__work_that_took_longer__is_not_the_estimators_doing() -> None:
    busy = [Run({OURS: 8.0 * n, CODECARBON: 4.0 * n + n % 2}, float(n), 1.0) for n in (1, 2, 3)]
    said = figures(busy)
    assert said["model"]["per_cpu_second"] == 0
    assert said["model"]["coefficient_of_variation"] == 0.5
    assert said["codecarbon"]["per_cpu_second"] > 0
