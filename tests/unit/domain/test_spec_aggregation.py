"""Which ways of aggregating a specification may ask for."""

from typing import Any

import pytest

from backend.domain.spec import AGGREGATIONS, JobSpec, check_statistics
from backend.errors import Invalid


@pytest.mark.parametrize("rule", AGGREGATIONS)
def test_spec__enough_trainers__may_ask_for_any_rule(rule: str) -> None:
    assert JobSpec(aggregation=rule, trainers=5).aggregation == rule


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"aggregation": "mode"}, "spec.aggregation", "one of auto, mean"),
        ({"aggregation": "multi_krum", "trainers": 4}, "spec.aggregation", "from 5 trainers on"),
        ({"aggregation": "median", "trainers": 2}, "spec.aggregation", "from 3 trainers on"),
        ({"tolerated_share": 0.5}, "spec.tolerated_share", "between 0 and 0.49"),
        ({"aggregation": "median", "clipping": True}, "spec.clipping", "goes with a mean"),
        ({"aggregation": "fltrust", "zeroing": True}, "spec.zeroing", "goes with a mean"),
        ({"privacy_noise": 0.01}, "spec.privacy_noise", "between 0.1 and 100"),
        ({"privacy_noise": -1.0}, "spec.privacy_noise", "between 0.1 and 100"),
        ({"privacy_noise": 1.0, "privacy_clip": 0.0}, "spec.privacy_clip", "between"),
        ({"privacy_noise": 1.0, "privacy_delta": 0.5}, "spec.privacy_delta", "between"),
        ({"privacy_noise": 1.0, "aggregation": "median"}, "spec.privacy_noise", "does not go with median"),
        ({"privacy_noise": 1.0, "clipping": True}, "spec.privacy_noise", "without privacy"),
    ],
)
def test_spec__aggregation_that_cannot_be__is_refused_in_one_sentence(
    fields: dict[str, Any], code: str, says: str
) -> None:
    with pytest.raises(Invalid) as refused:
        JobSpec(**fields)
    assert refused.value.code == code
    assert says in refused.value.message


def test_spec__aggregation_differs__so_does_what_the_job_commits_to() -> None:
    assert JobSpec(aggregation="mean").hash() != JobSpec(aggregation="median").hash()


@pytest.mark.parametrize("fields", [{"privacy_noise": 1.0}, {"aggregation": "fltrust"}])
def test_check_statistics__rule_that_could_make_a_variance_negative__is_refused(
    fields: dict[str, Any],
) -> None:
    spec = JobSpec(**fields)

    check_statistics(spec, ())
    check_statistics(JobSpec(), (2, 3))
    with pytest.raises(Invalid) as refused:
        check_statistics(spec, (2, 3))
    assert refused.value.code == "spec.aggregation"
