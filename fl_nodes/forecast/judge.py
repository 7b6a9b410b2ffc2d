"""Which forecast is best on weeks that none of them has seen, and whether one is too good to be true.

Held out are whole weeks: fold f of n holds out the weeks whose number leaves f when divided by n, and the models of that fold are
fitted on all other hours whose window of 24 hours and whose target lie clear of every held-out week. So no hour that a
model is judged on, and none that its judged windows look back on, was among those it learned.

Skill is 1 - RMSE / RMSE of a reference, over all held-out hours together (sun: those with sun in a clear sky).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fl_nodes.forecast.features import BACK_HOURS, Examples, Floats, Hours, Marks, examples
from fl_nodes.forecast.models import Model, predict

HOURS_A_WEEK = 7 * 24
LEAK = 0.25
"""Skill over smart persistence that a site's own history does not hold: whoever shows more has seen the answer."""

PERSISTENCE, SMART = "persistence", "smart persistence"

Make = Callable[[], Model]


@dataclass(frozen=True)
class Score:
    """One forecast on the held-out weeks: RMSE and MAE in W/m2 (sun) or shares of rated power (wind), skill over both
    references; `leak` where its skill is beyond what can be."""

    name: str
    rmse: float
    mae: float
    skill: float
    smart_skill: float
    leak: bool


@dataclass(frozen=True)
class Judgement:
    """All scores of one place and target, the references first; `best` is the name of the forecast to run and `why` a sentence.

    `mean` is the target's over the hours judged, in the scores' unit.
    """

    scores: tuple[Score, ...]
    best: str
    why: str
    judged: int
    learned: int
    mean: float

    def score(self, name: str) -> Score:
        """By name; KeyError."""
        return next(score for score in self.scores if score.name == name)


def folds(count: int, number: int) -> Iterator[tuple[Marks, Marks]]:
    """(hours to learn from, hours held out) of each fold, as marks over `count` hours."""
    week = np.arange(count) // HOURS_A_WEEK
    for fold in range(number):
        held = week % number == fold
        # An example at hour t looks back on t - 23 and forward to t + 1; the year's ends count as neighbours.
        near = np.any([np.roll(held, shift) for shift in range(-1, BACK_HOURS)], axis=0)
        yield ~near, held


def judge(
    of: Hours, what: str, makers: Sequence[Make], number: int = 4, run: Sequence[int] | None = None
) -> Judgement:
    """Fit and score every model on the folds (`run` names those to run, all by default)."""
    told: dict[str, list[Floats]] = {}
    came: list[Floats] = []
    learned = 0
    chosen = range(number) if run is None else run
    for fold, (learn, held) in enumerate(folds(len(of), number)):
        if fold not in chosen:
            continue
        made = examples(of, what, learn)
        known, unseen = _split(made, learn, held)
        learned += len(known.target)
        came.append(unseen.target * made.scale)
        told.setdefault(PERSISTENCE, []).append(unseen.last * made.scale)
        told.setdefault(SMART, []).append(unseen.reference * made.scale)
        for make in makers:
            model = make()
            model.fit(known)
            told.setdefault(model.name, []).append(predict(model, unseen) * made.scale)
    return decide(
        {name: np.concatenate(parts) for name, parts in told.items()}, np.concatenate(came), learned
    )


def decide(told: dict[str, Floats], came: Floats, learned: int = 0) -> Judgement:
    """Scores, and the best of those that are no leak."""
    errors = {name: _rmse(forecast, came) for name, forecast in told.items()}
    scores = tuple(
        _score(name, forecast, came, errors[PERSISTENCE], errors[SMART]) for name, forecast in told.items()
    )
    honest = [score for score in scores if not score.leak]
    best = min(honest, key=lambda score: score.rmse)
    return Judgement(scores, best.name, _why(best, scores), len(came), learned, float(came.mean()))


def _split(made: Examples, learn: Marks, held: Marks) -> tuple[Examples, Examples]:
    with_target = np.isfinite(made.target) & made.lit & np.isfinite(made.windows).all(axis=(1, 2))
    target_held = np.append(held[1:], False)[made.hours]
    return made.rows(learn[made.hours] & with_target), made.rows(target_held & with_target)


def _score(name: str, forecast: Floats, came: Floats, plain: float, smart: float) -> Score:
    rmse = _rmse(forecast, came)
    smart_skill = 1 - rmse / smart if smart > 0 else 0.0
    mae = float(np.abs(forecast - came).mean())
    return Score(name, rmse, mae, 1 - rmse / plain if plain > 0 else 0.0, smart_skill, smart_skill > LEAK)


def _rmse(forecast: Floats, came: Floats) -> float:
    return float(np.sqrt(((forecast - came) ** 2).mean()))


def _why(best: Score, scores: Sequence[Score]) -> str:
    leaks = [score.name for score in scores if score.leak]
    beyond = f"; {', '.join(leaks)} left out: beyond {LEAK:.2f} is a leak" if leaks else ""
    return (
        f"{best.name} has the smallest error on held-out weeks: RMSE {best.rmse:.4g}, "
        f"skill {best.skill:.3f} over persistence, {best.smart_skill:.3f} over smart persistence{beyond}"
    )
