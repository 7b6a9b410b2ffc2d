"""`ecodml audit` on a real chain: what the contracts did follows from their events, and what they did not do does not."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import encode_defunct, encode_typed_data
from eth_utils.crypto import keccak

from backend.adapters.chain import job_history
from backend.adapters.chain.job_history import read_history
from backend.cli.__main__ import main
from backend.domain import effects as fx
from backend.domain.ticket import Ticket
from backend.errors import NotYet
from backend.verification.job_evidence import terms_of
from backend.verification.stakes import TRAINER, VALIDATOR, rebuild, weights
from fl_nodes.protocol import verdict
from fl_nodes.protocol.hashing import sha256_hex
from fl_nodes.protocol.payout import Scheme, commission, shares
from fl_nodes.protocol.payout_tree import payout_tree
from fl_nodes.protocol.signing import bytes32, commitment_text, payout_typed_data, report_text
from fl_nodes.protocol.verdict_tasks import VerdictTask
from fl_nodes.protocol.wire import to_wire
from tests.support.artifacts import artifacts
from tests.support.chains import COMMISSION_BPS, CONTEST_S, DEPOSIT_WEI, UNBONDING_S, account
from tests.support.jobs import EVIDENCE, FEE_WEI, RESULT
from tests.unit.protocol import jobs

MODEL = b"weights"
MINED = 300


class Auditor:
    """Somebody with an RPC URL and a deployments file."""

    def __init__(self, stage, folder: Path, capsys) -> None:
        self.stage, self.folder, self.capsys = stage, folder, capsys
        self.document = json.loads(json.dumps(stage.world.document))

    def audit(self, job_id: str, *options: str) -> tuple[int, dict[str, Any]]:
        """Exit status and the document."""
        file = self.paper("deployments.json", self.document)
        self.capsys.readouterr()
        status = main(
            ["audit", job_id, "--rpc", self.stage.world.rpc_url, "--deployments", file, *options, "--json"]
        )
        return status, json.loads(self.capsys.readouterr().out)

    def findings(self, job_id: str, *options: str) -> dict[str, dict[str, str]]:
        """Findings by name; the exit status must say whether one failed."""
        status, document = self.audit(job_id, *options)
        found = {finding["name"]: finding for finding in document["findings"]}
        assert status == (1 if of(found, "failed") else 0)
        return found

    def paper(self, name: str, document: Any) -> str:
        """A JSON file."""
        path = self.folder / name
        path.write_text(json.dumps(document))
        return str(path)

    def model(self, content: bytes) -> str:
        """The model's file."""
        path = self.folder / "model.safetensors"
        path.write_bytes(content)
        return str(path)


def of(findings: dict[str, dict[str, str]], outcome: str) -> set[str]:
    return {name for name, finding in findings.items() if finding["outcome"] == outcome}


@pytest.fixture
def auditor(stage, tmp_path, capsys) -> Auditor:
    return Auditor(stage, tmp_path, capsys)


def machines(stage) -> dict[str, Any]:
    return {provider.address: provider.key for provider in stage.world.providers}


def crew(stage, ticket: Ticket) -> tuple[list[str], list[str]]:
    """The job's validators and their keys, as the escrow takes them."""
    return list(ticket.validators), [machines(stage)[v].address for v in ticket.validators]


def reported(stage, ticket: Ticket) -> VerdictTask:
    """A verdict with reports and commitments that the job's nodes signed."""
    chain_id, escrow = stage.market.chain_id, stage.market.escrow_address

    def sign(provider: str, text: str) -> str:
        return machines(stage)[provider].sign_message(encode_defunct(text=text)).signature.to_0x_hex()

    scores = tuple(jobs.score(t, 900_000 - 50_000 * i) for i, t in enumerate(stage.trainers))
    made = tuple(
        replace(jobs.report(v, scores=scores), job_id=ticket.job_id, signature="") for v in ticket.validators
    )
    reports = tuple(replace(r, signature=sign(r.validator, report_text(chain_id, escrow, r))) for r in made)
    done = tuple(
        jobs.commitment(t, job_id=ticket.job_id, examples=100 + i) for i, t in enumerate(stage.trainers)
    )
    commitments = tuple(
        replace(c, signature=sign(c.trainer, commitment_text(chain_id, escrow, c))) for c in done
    )
    work = verdict.work(stage.trainers, commitments, reports, ticket.spec.rounds)
    return VerdictTask(
        job_id=ticket.job_id,
        chain_id=chain_id,
        escrow=escrow,
        outcome=verdict.SETTLE,
        trainers=stage.trainers,
        validator_keys={},
        trainer_keys={},
        fee_wei=str(FEE_WEI),
        commission_bps=COMMISSION_BPS,
        scheme=ticket.spec.scheme,
        rounds=ticket.spec.rounds,
        result_sha256=sha256_hex(MODEL),
        reports=reports,
        commitments=commitments,
        payees=stage.trainers,
        amounts_wei=tuple(map(str, shares(Scheme(ticket.spec.scheme), FEE_WEI, COMMISSION_BPS, work))),
    )


def settle(stage, ticket: Ticket, task: VerdictTask) -> None:
    signable = encode_typed_data(full_message=verdict.typed_data(task))
    signatures = [machines(stage)[v].sign_message(signable).signature for v in ticket.validators[:2]]
    said = (
        bytes32(ticket.job_id),
        bytes32(task.result_sha256),
        bytes32(verdict.evidence_hash(task.reports)),
        task.payees,
        [int(wei) for wei in task.amounts_wei],
        verdict.score_words(task),
    )
    call = stage.world.contract("JobEscrow").functions.settle(said, crew(stage, ticket), signatures)
    stage.world.act(stage.world.person("stranger"), call)


def test_audit__settled_and_paid_out__follows_from_the_chain_alone(stage, auditor):
    ticket = stage.settled()
    for payee in (*ticket.verdict.payees, str(stage.world.person("treasury").address)):
        stage.market.carry_out(fx.PayOut(ticket.id, payee, payee), ticket)
    found = auditor.findings(ticket.job_id)
    assert of(found, "failed") == set()
    assert of(found, "not-checkable") == {"rounds", "spec", "result", "evidence", "lineage"}
    assert "by scheme accuracy" in found["shares"]["detail"]
    assert f"credited {FEE_WEI} wei" in found["credits"]["detail"]


def test_audit__settled_by_signed_reports__follows_with_every_paper(stage, auditor):
    ticket = stage.assigned()
    stage.market.carry_out(fx.RecordRound(ticket.id, ticket.job_id, 1, "ab" * 32), ticket)
    task = reported(stage, ticket)
    settle(stage, ticket, task)
    spec = auditor.paper("spec.json", to_wire(ticket.spec))
    papers = ("--spec", spec, "--verdict", auditor.paper("verdict.json", to_wire(task)))
    found = auditor.findings(ticket.job_id, *papers, "--model", auditor.model(MODEL))
    assert of(found, "ok") == set(found) - {"lineage"}
    assert terms_of(to_wire(ticket.spec)).sha256 in found["spec"]["detail"]

    forged = replace(task, reports=(replace(task.reports[0], seconds=9.0), *task.reports[1:]))
    papers = ("--spec", spec, "--verdict", auditor.paper("verdict.json", to_wire(forged)))
    found = auditor.findings(ticket.job_id, *papers, "--model", auditor.model(b"others"))
    assert of(found, "failed") == {"result", "evidence"}


def test_audit__paid_by_another_scheme_than_specified__does_not_follow(stage, auditor):
    ticket = stage.settled()
    found = auditor.findings(ticket.job_id, "--spec", auditor.paper("spec.json", to_wire(ticket.spec)))
    assert of(found, "failed") == {"shares"}
    assert "composite" in found["shares"]["detail"]


def test_audit__one_slashed_by_the_arbiter_and_one_by_time__follows(stage, auditor):
    culprits = stage.trainers[:2]
    ticket = stage.failed(culprits)
    world, escrow, job = stage.world, stage.world.contract("JobEscrow"), bytes32(ticket.job_id)
    wallets = {provider.address: provider.wallet for provider in world.providers}
    world.act(wallets[culprits[0]], escrow.functions.contest(job, bytes(32)))
    world.act(world.person("arbiter"), escrow.functions.arbitrate(job, culprits[0], True))
    assert "named" in auditor.findings(ticket.job_id)["accusations"]["detail"]
    world.pass_time(CONTEST_S + 1)
    stage.market.carry_out(fx.FinalizeSlash(ticket.id, ticket.job_id), ticket)
    stage.market.carry_out(fx.PayOut(ticket.id, ticket.customer, "refund"), ticket)
    world.act(
        world.person("stranger"), world.contract("NodeStaking").functions.withdrawCreditFor(stage.trainers[3])
    )
    found = auditor.findings(ticket.job_id)
    assert of(found, "failed") == set()
    assert found["accusations"]["detail"].count("slashed") == 2
    assert str(FEE_WEI) in found["refund"]["detail"]


def test_audit__accused_and_acquitted__follows(stage, auditor):
    ticket = stage.failed(stage.trainers[:1])
    world, escrow, job = stage.world, stage.world.contract("JobEscrow"), bytes32(ticket.job_id)
    world.act(world.trainers[0].wallet, escrow.functions.contest(job, bytes(32)))
    world.act(world.person("arbiter"), escrow.functions.arbitrate(job, stage.trainers[0], False))
    found = auditor.findings(ticket.job_id)
    assert of(found, "failed") == set()
    assert "acquitted" in found["accusations"]["detail"]


def test_audit__all_accused__the_treasury_gets_the_deposits(stage, auditor):
    ticket = stage.failed(stage.trainers)
    world = stage.world
    world.pass_time(CONTEST_S + 1)
    stage.market.carry_out(fx.FinalizeSlash(ticket.id, ticket.job_id), ticket)
    assert of(auditor.findings(ticket.job_id), "failed") == set()


def test_audit__reclaimed_and_cancelled__follow(stage, auditor):
    cancelled = stage.waiting("cancelled")
    stage.market.carry_out(fx.Cancel(cancelled.id, cancelled.job_id), cancelled)
    reclaimed = stage.assigned("reclaimed", seconds=60)
    stage.world.pass_time(61)
    stage.market.carry_out(fx.Reclaim(reclaimed.id, reclaimed.job_id), reclaimed)
    stage.market.carry_out(fx.Release(reclaimed.id, reclaimed.job_id), reclaimed)
    for ticket in (cancelled, reclaimed):
        assert of(auditor.findings(ticket.job_id), "failed") == set()


def test_audit__job_under_way__says_what_comes_next(stage, auditor):
    ticket = stage.paid()
    assert of(auditor.findings(ticket.job_id), "failed") == set()
    ticket = stage.drawing("drawing")
    found = auditor.findings(ticket.job_id)
    assert of(found, "failed") == set()
    assert "can be drawn after seed block" in found["draw"]["detail"]


def test_audit__seed_expired__tells_how_often_it_was_reseeded(stage, auditor):
    ticket = stage.drawing()
    for _ in range(2):
        stage.world.mine(MINED)
        with pytest.raises(NotYet):
            stage.market.carry_out(fx.Assign(ticket.id, ticket.job_id, stage.trainers), ticket)
    stage.world.mine(3)
    stage.market.carry_out(fx.Assign(ticket.id, ticket.job_id, stage.trainers), ticket)
    found = auditor.findings(ticket.job_id)
    assert of(found, "failed") == set()
    assert "reseeded 2 times" in found["draw"]["detail"]


def test_audit__nodes_that_moved__are_weighed_as_the_contract_weighs_them(stage, auditor):
    stage.settled("earlier")
    world, staking = stage.world, stage.world.contract("NodeStaking")
    first, second, third, fourth = world.validators
    rater = staking.functions.RATER_ROLE().call()
    world.act(world.person("deployer"), staking.functions.grantRole(rater, world.person("deployer").address))
    world.act(world.person("deployer"), staking.functions.setBaseline(second.address, 9_999))
    world.act(first.wallet, staking.functions.topUp(), 7 * DEPOSIT_WEI + 1)
    for leaver in (third, fourth):
        world.act(leaver.wallet, staking.functions.requestExit())
    world.pass_time(UNBONDING_S + 1)
    world.act(third.wallet, staking.functions.withdraw())
    world.act(world.person("deployer"), staking.functions.setBaseline(fourth.address, 1))
    world.act(fourth.wallet, staking.functions.withdraw())
    back = staking.functions.register("back", account("another machine").address, 3)
    world.act(fourth.wallet, back, DEPOSIT_WEI)
    ticket = stage.drawing()
    world.act(second.wallet, staking.functions.topUp(), 1)
    world.mine(3)
    stage.market.carry_out(fx.Assign(ticket.id, ticket.job_id, stage.trainers), ticket)
    assert of(auditor.findings(ticket.job_id), "failed") == set()
    history = read_history(world.deployments.market, world.rpc_url, ticket.job_id)
    for role, before in product((TRAINER, VALIDATOR), (history.head - 6, history.head + 1)):
        nodes, weighed = staking.functions.weights(role, before).call()
        due = {node: weight for node, weight in zip(nodes, weighed, strict=True) if weight}
        assert weights(rebuild(history.events), role, before) == due


def test_audit__settled_by_root_and_claimed__follows_and_leaves_the_amounts_open(stage, auditor):
    ticket = stage.assigned()
    world, escrow = stage.world, stage.world.contract("JobEscrow")
    pot = FEE_WEI - commission(FEE_WEI, COMMISSION_BPS)
    payouts = [(t, pot // 4 + (pot % 4 if i == 0 else 0)) for i, t in enumerate(stage.trainers)]
    tree = payout_tree(payouts, keccak)
    fields = ("jobId", "resultHash", "evidenceHash", "payoutRoot", "payees")
    said = (bytes32(ticket.job_id), bytes32(RESULT), bytes32(EVIDENCE), tree.root.hash, len(payouts))
    message = dict(zip(fields, said, strict=True))
    document = payout_typed_data(stage.market.chain_id, stage.market.escrow_address, message)
    signable = encode_typed_data(full_message=document)
    signatures = [machines(stage)[v].sign_message(signable).signature for v in ticket.validators[1:]]
    trainers_hash = keccak(b"".join(int(t, 16).to_bytes(32, "big") for t in stage.trainers))
    anyone = world.person("stranger")
    world.act(anyone, escrow.functions.settleByRoot(said, trainers_hash, crew(stage, ticket), signatures))
    for index in (2, 0):
        proof = tree.proof(index)
        claim = escrow.functions.claim(said[0], index, *payouts[index], proof.siblings, proof.sums_wei)
        world.act(anyone, claim)
    world.act(anyone, escrow.functions.withdrawFor(payouts[2][0]))
    found = auditor.findings(ticket.job_id)
    assert of(found, "failed") == set()
    assert "shares" in of(found, "not-checkable")
    assert f"{payouts[0][1] + payouts[2][1]} of them claimed" in found["shares"]["detail"]


def test_audit__deployments_with_a_forged_staking_contract__do_not_follow(stage, auditor):
    """A forger shows nodes of its own that were never asked: the draw on chain was another one."""
    ticket = stage.settled()
    world, built = stage.world, artifacts()["NodeStaking"]
    forger = world.person("stranger")
    factory = world.web3.eth.contract(abi=built["abi"], bytecode=built["bytecode"])
    tx = world.act(forger, factory.constructor(forger.address, 1, 1))
    at = world.web3.eth.get_transaction_receipt(tx)["contractAddress"]
    forged = world.web3.eth.contract(address=at, abi=built["abi"])
    world.act(forger, forged.functions.setEscrow(stage.market.escrow_address))
    world.act(
        world.validators[0].wallet, forged.functions.register("one", world.validators[0].key.address, 2), 1
    )
    auditor.document["market"]["contracts"]["NodeStaking"]["address"] = at
    assert of(auditor.findings(ticket.job_id), "failed") == {"trainers", "draw"}


def test_audit__small_pages__find_the_same(stage, auditor, monkeypatch):
    ticket = stage.settled()
    whole = auditor.audit(ticket.job_id)
    monkeypatch.setattr(job_history, "EVENT_SPAN_BLOCKS", 3)
    assert auditor.audit(ticket.job_id) == whole


def test_audit__without_json__is_a_table_for_a_person(stage, auditor, capsys):
    ticket = stage.settled()
    named = ["--deployments", auditor.paper("deployments.json", auditor.document)]
    capsys.readouterr()
    assert main(["audit", ticket.job_id, *named]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == f"Job    {ticket.job_id}, Settled"
    assert any(line.startswith("ok             draw") for line in shown)
    assert shown[-1].startswith("Everything that could be checked follows.")


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({}, "audit.unknown_job", 2),
        ({"chain_id": 5}, "chain.wrong", 1),
        ({"rpc_url": ""}, "audit.unknown_job", 2),
    ],
    ids=["unknown job", "another chain", "url only by option"],
)
def test_audit__what_cannot_be_audited__is_one_sentence(auditor, change, code, status):
    auditor.document["market"] |= change
    found = auditor.audit("0x" + "00" * 32)
    assert found == (status, {"error": {"code": code, "message": found[1]["error"]["message"]}})


def test_audit__nobody_there__is_one_sentence(stage, auditor):
    file = auditor.paper("deployments.json", auditor.document)
    assert main(["audit", "0x" + "00" * 32, "--rpc", "http://127.0.0.1:9", "--deployments", file]) == 1
    assert auditor.capsys.readouterr().err.endswith("[chain.unreachable]\n")
