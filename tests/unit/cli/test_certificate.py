"""`ecodml certificate`: what is told, and what is checked against the chain."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from backend.cli import certificate as green
from backend.domain.green_proof import CertificateOnChain, KeptCertificate, SealedJobs
from backend.errors import Invalid, NotFound
from fl_nodes.protocol.green import factors_commitment
from fl_nodes.protocol.job_summary import JobSummary

JOB = "0x" + "ab" * 32
FACTORS = [100_000, 200_000, 100_000]
SUMMARY = JobSummary(JOB, 3, 1, 1, "0x" + "01" * 32)
KEPT = KeptCertificate(JOB, 500, 2, 24, 1_900_000_000, factors_commitment(FACTORS), "0x" + "cc" * 32)
RECORD = {
    "bound": 500,
    "of": "budget",
    "epoch": 2,
    "size": 24,
    "factors": "0x01",
    "mg_per_kwh": [*FACTORS, *[0] * 21],
    "seconds": 1.0,
    "tx": KEPT.tx,
    "refusal": None,
}


@dataclass
class Chain:
    """What a carbon chain says."""

    kept: KeptCertificate | None = KEPT
    epoch: SealedJobs = field(default_factory=lambda: SealedJobs(2, (SUMMARY,), final=True))
    valid: bool = True

    def about(self, _: str) -> CertificateOnChain | None:
        return CertificateOnChain(self.kept, self.epoch, SUMMARY, self.valid) if self.kept else None


def _verify(chain: Chain, published: list[int] | None = None) -> dict[str, Any]:
    kept, checks = green.verify(JOB, chain, published)  # type: ignore[arg-type]
    return green.document(JOB, kept, checks)


def test_verify__all_as_the_chain_says__verified() -> None:
    found = _verify(Chain(), FACTORS)

    assert found["verified"]
    assert found["bound_micrograms"] == 500
    assert len(found["checks"]) == 4


@pytest.mark.parametrize(
    ("chain", "published"),
    [
        (Chain(valid=False), FACTORS),
        (Chain(epoch=SealedJobs(2, (SUMMARY,), final=False)), FACTORS),
        (Chain(epoch=SealedJobs(2, (replace(SUMMARY, micrograms=2),), final=True)), FACTORS),
        (Chain(), [100_001, *FACTORS[1:]]),
        (Chain(), [1] * 97),
    ],
)
def test_verify__one_thing_is_not_so__not_verified(chain: Chain, published: list[int]) -> None:
    found = _verify(chain, published)

    assert not found["verified"]
    assert list(found["checks"].values()).count(False) == 1


def test_verify__nobody_publishes_factors__the_rest_is_checked() -> None:
    assert len(_verify(Chain())["checks"]) == 3


def test_verify__no_certificate__not_found() -> None:
    with pytest.raises(NotFound, match="keeps no certificate"):
        _verify(Chain(kept=None))


def test_show__a_certificate__its_bound_factors_and_what_it_does_not_prove() -> None:
    told = "\n".join(green.show({"job_id": JOB, "certificate": RECORD}))

    assert "at most 500 µgCO2e, its budget" in told
    assert "100000, 200000 mgCO2e" in told
    assert "not that they were metered honestly" in told


def test_show__none__why() -> None:
    refusal = {"code": "certificate.over_bound", "message": "It does not hold."}
    told = green.show({"job_id": JOB, "certificate": {**RECORD, "refusal": refusal}})

    assert told[-1] == "Certificate none: It does not hold. [certificate.over_bound]"


def test_job_id__a_tickets__refused() -> None:
    with pytest.raises(Invalid, match="no job id"):
        green.job_id("t_1")
    assert green.job_id("0x" + "AB" * 32) == JOB


def test_reader__a_chain_without_certificates__not_found() -> None:
    with pytest.raises(NotFound, match="no green certificates"):
        green.reader(None, None, dict)
