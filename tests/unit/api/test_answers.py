"""What workers answer is checked by the kind of their task."""

from __future__ import annotations

import pytest

from backend.api.answers import check_answer
from fl_nodes.protocol.tasks import TaskKind
from fl_nodes.protocol.wire import WireError


@pytest.mark.parametrize("kind", TaskKind)
def test_check_answer__nonsense_to_any_kind__is_refused_and_not_a_bug(kind: TaskKind) -> None:
    with pytest.raises(WireError):
        check_answer(kind, {"nonsense": 1})
