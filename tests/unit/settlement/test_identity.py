"""A database belongs to its chains."""

from __future__ import annotations

import pytest

from backend.adapters.memory import MemoryCursors
from backend.errors import EX_CONFIG, Recoverable, Unrecoverable, exit_status
from backend.settlement.identity import Identities


def test_recognise__the_same_chain_again__is_let_in() -> None:
    cursors = MemoryCursors()
    Identities(cursors).recognise("market", 7)
    Identities(cursors).recognise("carbon", 8)
    Identities(cursors).recognise("market", 7)


def test_recognise__another_chain__is_refused_and_the_old_one_stays_known() -> None:
    cursors = MemoryCursors()
    Identities(cursors).recognise("market", 7)
    with pytest.raises(Unrecoverable, match="reset or exchanged") as refused:
        Identities(cursors).recognise("market", 9)
    assert refused.value.code == "chain.reset"
    assert exit_status(refused.value) == EX_CONFIG
    Identities(cursors).recognise("market", 7)


def test_exit_status__what_another_start_may_mend__is_one() -> None:
    assert exit_status(Recoverable("chain.unreachable", "Down.")) == 1
