"""What nodes, wallets and machines sign means nothing on another chain, for another contract, or in another document's place."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from types import ModuleType
from typing import Any

import pytest
from eth_account import Account

from backend.adapters.signatures import EthSignatures
from fl_nodes import signatures as node_signatures
from fl_nodes.protocol import invitation, ledger_epoch, signing
from fl_nodes.protocol.invitation import InvitationAnswer
from fl_nodes.protocol.ledger_epoch import CheckpointTerms, EpochTerms
from fl_nodes.protocol.tasks import Benchmarked, Commitment, EnergyReading, ValidationReport
from fl_nodes.signatures import sign_document, sign_text
from tests.support.signature_forms import mirrored, short

KEY = Account.from_key("0x" + "11" * 32)
CHAIN, CONTRACT, OTHER = 31337, "0x" + "aa" * 20, "0x" + "bb" * 20
WORD = "0x" + "cd" * 32
JOB = bytes.fromhex("cd" * 32)
ENERGY = EnergyReading(5_000, "modelled", 300_000, "cpu-time", 1.0)
COMMITMENT = Commitment(WORD, 1, OTHER, "ee" * 32, 100, "aa" * 32, 3, 20, 290, 0.5, 900_000, ENERGY, 0, "env")
HEAD = {"jobId": JOB, "evidenceHash": JOB}

Signed = Callable[[int, str], Any]
TEXTS: dict[str, Signed] = {
    "hello_text": lambda chain, to: signing.hello_text(chain, to, "ab" * 16, OTHER, "trainer"),
    "commitment_text": lambda chain, to: signing.commitment_text(chain, to, COMMITMENT),
    "report_text": lambda chain, to: signing.report_text(chain, to, said(ValidationReport)),
    "benchmarked_text": lambda chain, to: signing.benchmarked_text(chain, to, said(Benchmarked)),
    "answer_text": lambda chain, to: invitation.answer_text(
        chain, to, InvitationAnswer(OTHER, "sun-1", "trainer", "token", OTHER)
    ),
}
DOCUMENTS: dict[str, Signed] = {
    "settle_typed_data": lambda chain, to: signing.settle_typed_data(
        chain, to, HEAD | {"resultHash": JOB, "payees": [OTHER], "amounts": [1], "scores": [JOB]}
    ),
    "payout_typed_data": lambda chain, to: signing.payout_typed_data(
        chain, to, HEAD | {"resultHash": JOB, "payoutRoot": JOB, "payees": 1}
    ),
    "fail_typed_data": lambda chain, to: signing.fail_typed_data(chain, to, HEAD | {"culprits": [OTHER]}),
    "epoch_document": lambda chain, to: ledger_epoch.epoch_document(
        chain, to, EpochTerms(0, 0, WORD, WORD, WORD, WORD, WORD, 1, 2, 3)
    ),
    "checkpoint_document": lambda chain, to: ledger_epoch.checkpoint_document(
        chain, to, CheckpointTerms(0, 1, WORD, WORD)
    ),
}
ELSEWHERE = [(CHAIN + 1, CONTRACT), (1, CONTRACT), (CHAIN, OTHER)]
NOT_SIGNED = {"_statement", "_document", "typed_data", "code"}
"""Made of by the others, or shown and not signed."""


def said(kind: type) -> Any:
    """A message whose content does not matter here: nothing in it."""
    fields = dict.fromkeys(inspect.signature(kind).parameters, ())
    return kind(**(fields | {"signature": ""}))


@pytest.mark.parametrize("module", [signing, invitation, ledger_epoch])
def test_everything_that_is_signed__is_tried_here(module: ModuleType) -> None:
    bound = {
        name
        for name, made in inspect.getmembers(module, inspect.isfunction)
        if made.__module__ == module.__name__ and "chain_id" in inspect.signature(made).parameters
    }
    assert bound - NOT_SIGNED <= TEXTS.keys() | DOCUMENTS.keys()


@pytest.mark.parametrize("name", TEXTS)
def test_text__signed_for_another_chain_or_contract__is_not_this_one(name: str) -> None:
    due = TEXTS[name](CHAIN, CONTRACT)
    assert EthSignatures().signer(due, sign_text(KEY, due)) == KEY.address
    for chain, contract in ELSEWHERE:
        assert EthSignatures().signer(due, sign_text(KEY, TEXTS[name](chain, contract))) != KEY.address


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document__signed_for_another_chain_or_contract__is_not_this_one(name: str) -> None:
    due = DOCUMENTS[name](CHAIN, CONTRACT)
    assert EthSignatures().typed_signer(due, sign_document(KEY, due)) == KEY.address
    for chain, contract in ELSEWHERE:
        signature = sign_document(KEY, DOCUMENTS[name](chain, contract))
        assert EthSignatures().typed_signer(due, signature) != KEY.address
        assert node_signatures.document_signer(due, signature) != KEY.address


@pytest.mark.parametrize("kinds", [TEXTS, DOCUMENTS], ids=["texts", "documents"])
def test_signature__of_one_thing__is_none_of_another(kinds: dict[str, Signed]) -> None:
    for one, other in permutations(kinds, 2):
        due, signed = (kinds[name](CHAIN, CONTRACT) for name in (one, other))
        if kinds is TEXTS:
            assert EthSignatures().signer(due, sign_text(KEY, signed)) != KEY.address
        else:
            assert EthSignatures().typed_signer(due, sign_document(KEY, signed)) != KEY.address


@pytest.mark.parametrize("form", [mirrored, short])
def test_signature__in_another_form__is_none(form: Callable[[str], str]) -> None:
    text, document = (
        TEXTS["commitment_text"](CHAIN, CONTRACT),
        DOCUMENTS["settle_typed_data"](CHAIN, CONTRACT),
    )
    of_text, of_document = form(sign_text(KEY, text)), form(sign_document(KEY, document))
    assert EthSignatures().signer(text, of_text) is None
    assert EthSignatures().typed_signer(document, of_document) is None
    assert node_signatures.signer(text, of_text) is None
    assert node_signatures.document_signer(document, of_document) is None
    assert not node_signatures.signed_by(KEY.address, text, of_text)


@pytest.mark.parametrize(
    "change",
    [{"job_id": "0x" + "00" * 32}, {"round": 2}, {"trainer": CONTRACT}, {"update_sha256": "ff" * 32}],
)
def test_update__signed_for_another_job_round_or_node__is_not_this_one(change: dict[str, Any]) -> None:
    signature = sign_text(KEY, signing.commitment_text(CHAIN, CONTRACT, replace(COMMITMENT, **change)))
    due = signing.commitment_text(CHAIN, CONTRACT, COMMITMENT)
    assert EthSignatures().signer(due, signature) != KEY.address
