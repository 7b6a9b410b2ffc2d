from dataclasses import replace

import pytest
from eth_abi import encode
from eth_utils import keccak

from fl_nodes.protocol.job_summary import NO_COMMITMENT, JobSummary, summary
from fl_nodes.protocol.reading import LedgerReading

JOB = "0x" + "ab" * 32
READING = LedgerReading(JOB, 1, "0x" + "11" * 20, 500_000, 3_600, 0, "modelled", 400_000, "DE", 300_000)


def test_leaf__of_a_summary__is_what_a_contract_hashes():
    said = JobSummary(JOB, 2, 7_200, 600, "0x" + "cd" * 32)
    types = ["bytes32", "uint256", "uint256", "uint256", "bytes32"]
    inner = keccak(encode(types, [bytes.fromhex("ab" * 32), 2, 7_200, 600, bytes.fromhex("cd" * 32)]))
    assert said.leaf(keccak) == keccak(inner)


def test_summary__of_readings__adds_them_up_each_rounded_by_itself():
    tiny = replace(READING, millijoules=1)
    assert summary(JOB, [READING, tiny]) == JobSummary(JOB, 2, 3_601, 300 + 1, NO_COMMITMENT)


def test_summary__of_a_reading_of_another_job__is_refused():
    with pytest.raises(ValueError, match="stands among those"):
        summary(JOB, [replace(READING, job="0x" + "cd" * 32)])


def test_words__of_a_sum_below_zero__are_refused():
    with pytest.raises(ValueError, match="does not fit"):
        JobSummary(JOB, 1, -1, 0).words()
