"""What a form offers is what a specification accepts."""

from __future__ import annotations

import pytest

from backend.domain.spec import BOUNDS, JobSpec
from backend.domain.spec_options import CHOICES, options
from backend.errors import Invalid

OTHERS = {"privacy_clip": {"privacy_noise": 1.0}, "privacy_delta": {"privacy_noise": 1.0}}
OTHERS["over_selection"] = {"participants": 2}


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_bounds__at_the_edge_and_beyond__accepted_and_refused_by_name(name: str) -> None:
    low, high = BOUNDS[name]
    others = OTHERS.get(name, {})
    for edge in (low, high):
        JobSpec(**{name: edge, **others})  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refusal:
        JobSpec(**{name: high * 2 + 1, **others})  # type: ignore[arg-type]
    assert refusal.value.code == f"spec.{name}"


@pytest.mark.parametrize(("name", "word"), [(n, w) for n in CHOICES for w in CHOICES[n] if w != "custom"])
def test_choices__each_word__is_accepted(name: str, word: str) -> None:
    assert getattr(JobSpec(trainers=8, **{name: word}), name) == word  # type: ignore[arg-type]


def test_options__defaults__make_the_default_specification() -> None:
    offered = options()
    spec = JobSpec(**{name: told["default"] for name, told in offered.items()})
    assert spec == JobSpec()
    assert spec.learning_rate == offered["learning_rate"]["own"][spec.optimizer]
