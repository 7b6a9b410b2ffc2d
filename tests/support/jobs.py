"""Tickets and signed verdicts for tests of the settlement and of the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eth_abi.abi import encode
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from backend.domain.spec import DatasetFacts, JobSpec, Quote
from backend.domain.ticket import Ticket, VerdictRecord
from fl_nodes.protocol import scores
from fl_nodes.protocol.payout import Scheme, Work, shares
from fl_nodes.protocol.signing import bytes32, fail_typed_data, settle_typed_data

FEE_WEI = 13 * 10**16 + 7
COMMISSION_BPS = 200
RESULT, EVIDENCE = (keccak(text=name).hex() for name in ("result", "evidence"))
FACTS = DatasetFacts("d.csv", 10, keccak(text="dataset").hex(), "csv", 100, 3, ("a", "b"), (2,))


def quoted_ticket(name: str, customer: str, deadline: int, fee_wei: int = FEE_WEI, rounds: int = 1) -> Ticket:
    """A ticket that was quoted and not yet paid; everything about it follows from its name."""
    ref = "0x" + keccak(text=f"ref {name}").hex()
    job_id = "0x" + keccak(encode(["address", "bytes32"], [customer, bytes32(ref)])).hex()
    quote = Quote(data_wei=0, compute_wei=fee_wei, fee_wei=fee_wei)
    return Ticket(
        name, ref, job_id, customer, JobSpec(rounds=rounds), FACTS, quote, {}, deadline, "c@example.org"
    )


def settle_verdict(trainers: Sequence[str], fee_wei: int = FEE_WEI) -> VerdictRecord:
    """Pays every trainer by an accuracy that rises from 0.4 to 0.7 over four of them; not signed."""
    done = [Work(t, 100_000 * (4 + i), 0, 100, 1_000, 5_000, 0) for i, t in enumerate(trainers)]
    amounts = shares(Scheme.ACCURACY, fee_wei, COMMISSION_BPS, done)
    said = tuple("0x" + scores.encode(w).hex() for w in done)
    return VerdictRecord("settle", RESULT, EVIDENCE, tuple(trainers), tuple(map(str, amounts)), said, (), ())


def fail_verdict(culprits: Sequence[str]) -> VerdictRecord:
    """Refunds and names; not signed."""
    return VerdictRecord("fail", "0" * 64, EVIDENCE, (), (), (), tuple(culprits), ())


def signed(
    verdict: VerdictRecord, job_id: str, chain_id: int, escrow: str, keys: Sequence[LocalAccount]
) -> VerdictRecord:
    """The verdict with the signatures of these node keys."""
    head = {"jobId": bytes32(job_id), "evidenceHash": bytes32(verdict.evidence_hash)}
    if verdict.outcome == "settle":
        amounts = [int(a) for a in verdict.amounts_wei]
        result = {
            "resultHash": bytes32(verdict.result_sha256),
            "payees": list(verdict.payees),
            "amounts": amounts,
            "scores": [bytes32(word) for word in verdict.scores],
        }
        document = settle_typed_data(chain_id, escrow, head | result)
    else:
        document = fail_typed_data(chain_id, escrow, head | {"culprits": list(verdict.culprits)})
    message = encode_typed_data(full_message=document)
    return replace(verdict, signatures=tuple(k.sign_message(message).signature.to_0x_hex() for k in keys))
