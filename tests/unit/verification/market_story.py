"""A market told event by event, for an audit to read. Everyone keeps the rules unless a method is told otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from backend.adapters.signatures import EthSignatures
from backend.domain.job import ascending
from backend.ports import ChainEvent
from backend.verification.job_audit import audit
from backend.verification.job_evidence import Papers, terms_of
from backend.verification.job_history import JobHistory, job_id_of
from fl_nodes.protocol import sortition, verdict
from fl_nodes.protocol.finding import Finding, Outcome
from fl_nodes.protocol.hashing import digest
from fl_nodes.protocol.payout import Scheme, shares
from fl_nodes.protocol.payout_tree import payout_tree
from fl_nodes.protocol.signing import (
    bytes32,
    commitment_text,
    fail_typed_data,
    payout_typed_data,
    report_text,
    settle_typed_data,
)
from fl_nodes.protocol.tasks import Commitment, ValidationReport
from fl_nodes.protocol.verdict_tasks import VerdictTask
from tests.unit.protocol import jobs

CHAIN_ID, BPS, FEE, DEPOSIT, WINDOW_S = 31337, 200, 13 * 10**16 + 7, 10**17 + 1, 100
TIMEOUT_S = 30 * 86_400
SPEC = {"scheme": "accuracy", "rounds": 1}
RESULT = "cd" * 32
REF = "0x" + "7e" * 32
TRAINER, VALIDATOR = 1, 2


def account(name: str) -> LocalAccount:
    """The same account for the same name, always."""
    made: LocalAccount = Account.from_key(keccak(text=f"audited {name}"))
    return made


def address(name: str) -> str:
    """Somebody's wallet."""
    return str(account(name).address)


ESCROW, CUSTOMER, TREASURY, STRANGER = (address(n) for n in ("escrow", "customer", "treasury", "stranger"))
NAMES = {address(f"{role} {n}"): f"{role} {n}" for role in ("trainer", "validator") for n in range(1, 5)}
TRAINERS = ascending(a for a, name in NAMES.items() if name.startswith("trainer"))[:3]
VALIDATORS = tuple(a for a, name in NAMES.items() if name.startswith("validator"))
JOB = job_id_of(CUSTOMER, REF)


def machine(provider: str) -> LocalAccount:
    """The key of a provider's node."""
    return account(f"machine of {provider}")


def block_hash(number: int) -> str:
    """A block's hash."""
    return "0x" + keccak(text=f"block {number}").hex()


class Story:
    """The chain so far; each method is one transaction in a block of its own."""

    def __init__(self) -> None:
        self.events: list[ChainEvent] = []
        self.times: dict[int, int] = {}
        self.block, self._log, self._now = 0, 0, 1_700_000_000
        self.weights: dict[str, int] = {}
        self.validators: tuple[str, ...] = ()
        self.seed_block = 0
        self.mine().escrow("CommissionChanged", bps=BPS)
        self.mine().staking("EscrowSet", escrow=ESCROW)
        for provider, name in NAMES.items():
            self.register(provider, TRAINER if name.startswith("trainer") else VALIDATOR)

    def history(self) -> JobHistory:
        """As an audit reads it."""
        seeds = {e.args["seedBlock"] for e in self.events if "seedBlock" in e.args}
        hashes = {n: block_hash(n) for n in seeds if n <= self.block}
        return JobHistory(
            JOB, CHAIN_ID, ESCROW, self.block, WINDOW_S, TREASURY, tuple(self.events), hashes, self.times
        )

    def mine(self, blocks: int = 1, seconds: int = 12) -> Story:
        """New blocks; the next events are in the last one."""
        self.block += blocks
        self._now += seconds
        self.times[self.block] = self._now
        self._log = 0
        return self

    def say(self, contract: str, name: str, args: dict[str, Any]) -> Story:
        """An event in the current transaction."""
        self.events.append(
            ChainEvent(contract, name, args, self.block, self._log, "0x" + f"{self.block:064x}")
        )
        self._log += 1
        return self

    def escrow(self, name: str, /, **args: Any) -> Story:
        """The escrow's event."""
        return self.say("JobEscrow", name, args)

    def own(self, name: str, /, **args: Any) -> Story:
        """The escrow's event about the job."""
        return self.escrow(name, jobId=JOB, **args)

    def staking(self, name: str, /, **args: Any) -> Story:
        """The staking contract's event."""
        return self.say("NodeStaking", name, args)

    def sent(self, sender: str, to: str, wei: int) -> Story:
        """A transfer of tokens."""
        return self.say("DMLToken", "Transfer", {"from": sender, "to": to, "value": wei})

    def register(self, provider: str, roles: int, wei: int = DEPOSIT) -> Story:
        """A node with its deposit; validators run in draws from the next block on."""
        if roles & VALIDATOR:
            self.weights[provider] = wei * 5_000
        key = str(machine(provider).address)
        said = {"nodeKey": key, "name": provider[:8], "roles": roles, "deposit": wei}
        return self.mine().staking("NodeRegistered", provider=provider, **said)

    def open(self) -> Story:
        """The customer pays."""
        self.mine().own(
            "JobOpened",
            customer=CUSTOMER,
            ref=REF,
            specHash="0x" + digest(SPEC),
            datasetHash="0x" + "da" * 32,
            fee=FEE,
            deadline=self._now + 100_000,
            commissionBps=BPS,
        )
        return self.sent(CUSTOMER, ESCROW, FEE)

    def choose(self, trainers: Sequence[str] = TRAINERS) -> Story:
        """The operator names the trainers."""
        self.mine()
        self.seed_block = self.block + 2
        return self.own("TrainersChosen", trainers=list(trainers), seedBlock=self.seed_block)

    def reseed(self, after_blocks: int) -> Story:
        """A later seed block."""
        self.mine(after_blocks)
        self.seed_block = self.block + 2
        return self.own("JobReseeded", seedBlock=self.seed_block)

    def draw(self, after_blocks: int = 3, trainers: Sequence[str] = TRAINERS) -> Story:
        """The validators are drawn."""
        self.mine(after_blocks)
        seed = sortition.draw_seed(bytes32(block_hash(self.seed_block)), bytes32(JOB), keccak)
        self.validators = sortition.draw(seed, self.weights, {*trainers, CUSTOMER}, 3, keccak)
        keys = [str(machine(v).address) for v in self.validators]
        crew = {"trainers": list(trainers), "validators": list(self.validators), "validatorKeys": keys}
        return self.own("JobAssigned", **crew, seed="0x" + seed.hex())

    def round(self, number: int) -> Story:
        """A round's root."""
        return self.mine().own("RoundRecorded", round=number, root="0x" + "aa" * 32)

    def running(self) -> Story:
        """From the payment to the second round."""
        return self.open().choose().draw().round(1).round(2)

    def task(self, culprits: Sequence[str] = ()) -> VerdictTask:
        """The published verdict: every drawn validator scored every trainer, and re-ran the culprits' work in vain."""
        commitments = tuple(_committed(t) for t in TRAINERS)
        scores = tuple(jobs.score(t, 900_000 - 100_000 * i) for i, t in enumerate(TRAINERS))
        replays = tuple(jobs.replay(t, 0, t not in culprits) for t in TRAINERS)
        reports = tuple(
            _reported(replace(jobs.report(v, scores=scores, replays=replays), job_id=JOB))
            for v in self.validators
        )
        return VerdictTask(
            job_id=JOB,
            chain_id=CHAIN_ID,
            escrow=ESCROW,
            outcome=verdict.FAIL if culprits else verdict.SETTLE,
            trainers=TRAINERS,
            validator_keys={},
            trainer_keys={},
            fee_wei=str(FEE),
            commission_bps=BPS,
            scheme="accuracy",
            rounds=1,
            result_sha256=RESULT,
            reports=reports,
            commitments=commitments,
        )

    def due(self) -> tuple[int, ...]:
        """What the scores earn."""
        task = self.task()
        done = verdict.work(TRAINERS, task.commitments, task.reports, task.rounds)
        return shares(Scheme.ACCURACY, FEE, BPS, done)

    def settle(self, signers: Sequence[str] | None = None, **changes: Any) -> Story:
        """The verdict is carried out as two validators signed it; `changes` were signed too."""
        task = self.task()
        said: dict[str, Any] = {
            "resultHash": "0x" + RESULT,
            "evidenceHash": "0x" + verdict.evidence_hash(task.reports),
            "payees": list(TRAINERS),
            "amounts": list(self.due()),
            "scores": ["0x" + word.hex() for word in verdict.score_words(task)],
            **changes,
        }
        signatures = self._signed(settle_typed_data, said, signers)
        commission = FEE * BPS // 10_000
        return self.mine().own("JobSettled", **said, commission=commission, signatures=signatures)

    def settle_by_root(self, **changes: Any) -> Story:
        """As `settle`, with the amounts in a tree."""
        tree = payout_tree(list(zip(TRAINERS, self.due(), strict=True)), keccak)
        said: dict[str, Any] = {
            "resultHash": "0x" + RESULT,
            "evidenceHash": "0x" + verdict.evidence_hash(self.task().reports),
            "payoutRoot": "0x" + tree.root.hash.hex(),
            "payees": len(TRAINERS),
            **changes,
        }
        signatures = self._signed(payout_typed_data, said, None)
        commission = FEE * BPS // 10_000
        return self.mine().own("JobSettledByRoot", **said, commission=commission, signatures=signatures)

    def claim(self, index: int, amount: int | None = None) -> Story:
        """A trainer's leaf."""
        wei = self.due()[index] if amount is None else amount
        return self.mine().own("PayoutClaimed", payee=TRAINERS[index], index=index, amount=wei)

    def fail(self, culprits: Sequence[str] = (), **changes: Any) -> Story:
        """The verdict against these is carried out."""
        said = {
            "evidenceHash": "0x" + verdict.evidence_hash(self.task(culprits).reports),
            "culprits": list(culprits),
        }
        signatures = self._signed(fail_typed_data, said, None)
        honest = [t for t in TRAINERS if t not in culprits]
        told = {"honest": honest, "refund": FEE, **changes}
        self.mine().own("JobFailed", **said, **told, signatures=signatures)
        for culprit in culprits:
            self.staking("NodeFrozen", provider=culprit)
        return self

    def contest(self, culprit: str, after_s: int = 12) -> Story:
        """The accused asks for the arbiter."""
        return self.mine(seconds=after_s).own("SlashContested", culprit=culprit, evidence="0x" + "ee" * 32)

    def arbitrate(self, culprit: str, guilty: bool) -> Story:
        """The arbiter decides, and what follows."""
        self.mine().own("SlashArbitrated", culprit=culprit, guilty=guilty)
        return self.slashed(culprit) if guilty else self.staking("NodeUnfrozen", provider=culprit)

    def lapse(self, culprit: str, after_s: int) -> Story:
        """The arbiter stayed silent."""
        self.mine(seconds=after_s).own("SlashLapsed", culprit=culprit)
        return self.staking("NodeUnfrozen", provider=culprit)

    def finalize(self, culprit: str, after_s: int = WINDOW_S, **changes: Any) -> Story:
        """The uncontested accused loses its deposit."""
        return self.mine(seconds=after_s).slashed(culprit, **changes)

    def slashed(self, culprit: str, **changes: Any) -> Story:
        """In the current transaction: the deposit is divided among those whom the verdict did not name."""
        honest = next(e for e in self.events if e.name == "JobFailed").args["honest"] or [TREASURY]
        parts = len(honest)
        split = [DEPOSIT // parts + (1 if i < DEPOSIT % parts else 0) for i in range(parts)]
        said = {"amount": DEPOSIT, "honest": honest, "shares": split, **changes}
        gone = {"amount": said["amount"], "beneficiaries": said["honest"], "shares": said["shares"]}
        self.staking("NodeSlashed", provider=culprit, **gone).staking("NodeBanned", provider=culprit)
        return self.own("SlashFinalized", culprit=culprit, **said)

    def cancel(self) -> Story:
        """The fee becomes the customer's credit."""
        return self.mine().own("JobCancelled", customer=CUSTOMER, refund=FEE)

    def reclaim(self, after_s: int = 100_000) -> Story:
        """The customer takes the fee."""
        self.mine(seconds=after_s).own("JobReclaimed", customer=CUSTOMER, refund=FEE)
        return self.sent(ESCROW, CUSTOMER, FEE)

    def withdraw(self, who: str, wei: int) -> Story:
        """A credit is paid out."""
        return self.mine().escrow("Withdrawn", account=who, amount=wei).sent(ESCROW, who, wei)

    def _signed(
        self,
        document: Callable[[int, str, dict[str, Any]], dict[str, Any]],
        said: dict[str, Any],
        signers: Sequence[str] | None,
    ) -> list[str]:
        message = {"jobId": bytes32(JOB), **{name: _typed(value) for name, value in said.items()}}
        signable = encode_typed_data(full_message=document(CHAIN_ID, ESCROW, message))
        chosen = self.validators[:2] if signers is None else signers
        return [machine(v).sign_message(signable).signature.to_0x_hex() for v in chosen]


def papers(story: Story, culprits: Sequence[str] = (), **changes: Any) -> Papers:
    """Everything an auditor can have beside the chain."""
    return replace(Papers(terms_of(SPEC), RESULT, story.task(culprits)), **changes)


def findings(history: JobHistory, beside: Papers | None = None) -> tuple[Finding, ...]:
    """What the audit finds, on the chain alone unless there are papers."""
    return audit(history, beside or Papers(), EthSignatures())


def outcomes(history: JobHistory, beside: Papers | None = None) -> dict[str, Outcome]:
    """Each finding's outcome by name."""
    return {f.name: f.outcome for f in findings(history, beside)}


def failed(history: JobHistory, beside: Papers | None = None) -> set[str]:
    """Names of the findings that failed."""
    return {name for name, outcome in outcomes(history, beside).items() if outcome is Outcome.FAILED}


def told(history: JobHistory, name: str, number: int = 0, **args: Any) -> JobHistory:
    """The history with other arguments in an event: the `number`-th of its name."""
    place = [i for i, e in enumerate(history.events) if e.name == name][number]
    events = list(history.events)
    events[place] = replace(events[place], args=events[place].args | args)
    return replace(history, events=tuple(events))


def without(history: JobHistory, name: str) -> JobHistory:
    """The history without the events of a name."""
    return replace(history, events=tuple(e for e in history.events if e.name != name))


def _typed(value: Any) -> Any:
    """Hashes as bytes, which typed data takes; addresses stay text."""
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return bytes32(value) if isinstance(value, str) and len(value) == 66 else value


def _committed(trainer: str) -> Commitment:
    made = jobs.commitment(trainer, job_id=JOB)
    return replace(made, signature=_sign(trainer, commitment_text(CHAIN_ID, ESCROW, made)))


def _reported(report: ValidationReport) -> ValidationReport:
    return replace(
        report,
        signature=_sign(report.validator, report_text(CHAIN_ID, ESCROW, replace(report, signature=""))),
    )


def _sign(provider: str, text: str) -> str:
    return str(machine(provider).sign_message(encode_defunct(text=text)).signature.to_0x_hex())
