"""The forecast that a site's judgement chose, kept in the node's folder: which, why, and how to make it again.

Ridge and boosting are fitted again from the site's weather when the node starts (a second); a network's weights are kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fl_nodes.errors import Refused
from fl_nodes.forecast.boosting import Boosting
from fl_nodes.forecast.features import Examples
from fl_nodes.forecast.judge import PERSISTENCE, SMART, Judgement
from fl_nodes.forecast.lstm import Lstm
from fl_nodes.forecast.models import Model
from fl_nodes.forecast.ridge import Ridge

FILE = "chosen.json"
LEARNING = ("lstm", "ridge", "boosting")


@dataclass(frozen=True)
class Choice:
    """What runs for one target (`sun` or `wind`). `settings` make the model; `rmse` and `mean` are over the held-out weeks, in W/m2
    or shares of rated power; `extra` is what a kept network needs beside its weights."""

    name: str
    why: str
    settings: dict[str, Any]
    rmse: float
    mean: float
    scores: list[dict[str, Any]]
    extra: dict[str, Any]


def choice_of(judgement: Judgement, settings: dict[str, Any], extra: dict[str, Any]) -> Choice:
    """A judgement as what is kept of it."""
    best = judgement.score(judgement.best)
    scores = [asdict(score) for score in judgement.scores]
    return Choice(best.name, judgement.why, settings, best.rmse, judgement.mean, scores, extra)


def make(name: str, settings: dict[str, Any]) -> Model:
    """A model of that name, not fitted; Refused `forecast.model`."""
    if name == "ridge":
        return Ridge(float(settings.get("strength", 10.0)))
    if name == "boosting":
        return Boosting(
            int(settings["seed"]), int(settings["rounds"]), float(settings["rate"]), int(settings["leaves"])
        )
    if name == "lstm":
        return Lstm(int(settings["seed"]), int(settings["epochs"]))
    raise Refused("forecast.model", f"There is no forecast {name!r}; there are {', '.join(LEARNING)}.")


def save(folder: Path, weather: Path, choices: dict[str, Choice]) -> None:
    """Keep what was chosen for the weather in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {"weather": _hash(weather), "choices": {what: asdict(of) for what, of in choices.items()}}
    (folder / FILE).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def load(folder: Path, weather: Path) -> dict[str, Choice]:
    """What was chosen for this weather file's kind; nothing where none was, Refused `forecast.chosen` for a broken file.

    A station's file grows: what was chosen for it holds on. A typical year that was replaced by another one is judged anew.
    """
    try:
        document = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if document["weather"]["name"] != weather.name:
            return {}
        return {what: Choice(**of) for what, of in document["choices"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(
            "forecast.chosen", f"{folder / FILE} is not what `ecodml node forecast` keeps."
        ) from error


def fitted(choice: Choice, known: Examples, folder: Path, what: str) -> Model | None:
    """The chosen model ready to run; None where a reference was the best."""
    if choice.name in (PERSISTENCE, SMART):
        return None
    model = make(choice.name, choice.settings)
    weights = folder / f"{what}.weights.h5"
    if isinstance(model, Lstm) and weights.exists():
        features, facts = known.windows.shape[2], known.next_known.shape[1]
        model.load(weights, float(choice.extra["scale"]), features, facts)
    else:
        model.fit(known)
    return model


def _hash(file: Path) -> dict[str, str]:
    return {"name": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
