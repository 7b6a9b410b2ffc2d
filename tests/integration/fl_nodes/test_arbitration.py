"""From a verdict to the arbiter's word on a real chain: the accused contests, the arbiter decides by the bundle alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account
from web3 import Web3

from fl_nodes.adversary import load_adversary
from fl_nodes.cli import verify
from fl_nodes.cli.__main__ import main
from fl_nodes.cli.home import Home, Identity
from fl_nodes.connection import Market
from fl_nodes.protocol import verdict
from fl_nodes.protocol.hashing import sha256_hex
from fl_nodes.protocol.signing import bytes32
from tests.integration.fl_nodes.accusation import Accusation, accused
from tests.integration.fl_nodes.job_world import World
from tests.integration.fl_nodes.test_verify import ADVERSARIES, framed
from tests.support.chains import CONTEST_S, DEPOSIT_WEI, DML, ChainWorld, chain_world

VARIABLE = "TEST_WALLET_KEY"


@pytest.fixture(scope="module")
def furnished() -> Iterator[ChainWorld]:
    with chain_world() as made:
        yield made


class Court:
    """A job on a chain, its nodes' real work, and everybody who has a say in what comes of it."""

    def __init__(self, chain: ChainWorld, world: World, folder: Path, monkeypatch, capsys) -> None:
        self.chain, self.world, self.folder, self._capsys = chain, world, folder, capsys
        self.escrow = chain.contract("JobEscrow").functions
        self.trainers = [p.address for p in chain.trainers]
        self.culprit = chain.trainers[0]
        self.job, self.validators, self.validator_keys = self._assigned()
        world.job = "0x" + self.job.hex()
        world.market = Market(31337, chain.contract("JobEscrow").address)
        world.accounts = {p.address: p.key for p in chain.providers}
        world.store.objects["api/config"] = json.dumps(chain.document).encode()
        seen = {"node": {"online": True}, "jobs": []}
        world.store.objects[f"api/nodes/{self.culprit.address}"] = json.dumps(seen).encode()
        identity = Identity(
            "alpha", "trainer", self.culprit.address, self.culprit.key.address, world.store.url, 31337, ""
        )
        Home(folder / "home").save(identity)
        monkeypatch.setenv(VARIABLE, self.culprit.wallet.key.hex())

    def _assigned(self) -> tuple[bytes, list[str], list[str]]:
        chain, customer = self.chain, self.chain.person("customer")
        escrow = chain.contract("JobEscrow")
        chain.act(customer, chain.contract("DMLToken").functions.approve(escrow.address, DML))
        ref = Web3.keccak(text="tried")
        chain.act(customer, self.escrow.openJob(ref, ref, ref, DML, chain.now() + 10_000))
        job: bytes = self.escrow.jobIdOf(customer.address, ref).call()
        chain.act(chain.person("operator"), self.escrow.assign(job, self.trainers))
        chain.mine(4)
        chain.act(chain.person("stranger"), self.escrow.draw(job, self.trainers))
        (drawn,) = escrow.events.JobAssigned().get_logs(from_block=0, argument_filters={"jobId": job})
        return job, list(drawn["args"]["validators"]), list(drawn["args"]["validatorKeys"])

    def accuse(self, outside: object | None = None, **more) -> Path:
        """The nodes train, the validators report and sign, the verdict goes on chain; the bundle."""
        made = accused(self.world, self.culprit.address, self.trainers[1:], self.validators, outside, **more)
        self.fail(made)
        return made.write(self.folder / "bundle.tar")

    def fail(self, made: Accusation) -> None:
        said = (self.job, bytes32(verdict.evidence_hash(made.task.reports)), list(made.task.culprits))
        signatures = [bytes.fromhex(s[2:]) for s in made.signatures]
        crew = (self.validators, self.validator_keys)
        self.chain.act(self.chain.person("stranger"), self.escrow.fail(said, self.trainers, crew, signatures))

    def node(self, *arguments: str, wallet: bool = True) -> tuple[int, dict]:
        """A command of the accused provider."""
        self._capsys.readouterr()
        money = ("--private-key-env", VARIABLE) if wallet else ()
        code = main([*arguments, "--home", str(self.folder / "home"), "--json", *money])
        return code, json.loads(self._capsys.readouterr().out)

    def verify(self, path: Path) -> tuple[int, dict[str, str]]:
        """The arbiter's look at the bundle, beside a chain of its own choice; outcomes by finding."""
        deployments = self.folder / "deployments.json"
        deployments.write_text(json.dumps(self.chain.document))
        self._capsys.readouterr()
        named = ["--deployments", str(deployments), "--rpc", self.chain.rpc_url, "--json"]
        code = verify.main([str(path), *named])
        found = json.loads(self._capsys.readouterr().out)
        return code, {f["name"]: f["outcome"] for f in found["findings"]}

    def decide(self, code: int) -> None:
        """The arbiter goes by the exit status alone."""
        call = self.escrow.arbitrate(self.job, self.culprit.address, code == 0)
        self.chain.act(self.chain.person("arbiter"), call)

    def stake(self):
        return self.chain.contract("NodeStaking").functions.node(self.culprit.address).call()


@pytest.fixture
def court(furnished: ChainWorld, world: World, tmp_path: Path, monkeypatch, capsys) -> Iterator[Court]:
    with furnished.unchanged():
        yield Court(furnished, world, tmp_path, monkeypatch, capsys)


def test_contest__of_an_honest_node_framed_by_its_validators__is_acquitted_by_the_bundle(
    court: Court,
) -> None:
    bundle = court.accuse(said=framed)
    (told,) = court.node("status", wallet=False)[1]["accusations"]
    assert (told["state"], told["job_id"]) == ("named", court.world.job)
    assert told["next"].startswith(f"ecodml node contest {court.world.job}, before ")
    code, contested = court.node("contest", court.world.job, "--reason", "my replay agrees")
    assert (code, contested["state"]) == (0, "contested")
    assert contested["reason_sha256"] == sha256_hex(b"my replay agrees")
    assert court.node("status", wallet=False)[1]["accusations"][0]["state"] == "contested"

    code, found = court.verify(bundle)
    assert (code, found["replay"], found["chain"]) == (1, "failed", "ok")
    court.decide(code)

    stake = court.stake()
    assert (stake.frozen, stake.deposit) == (0, DEPOSIT_WEI)
    court.node("leave")
    assert court.node("status", wallet=False)[1]["state"] == "Exiting"


def test_contest__of_a_cheat__is_convicted_by_the_bundle(court: Court) -> None:
    bundle = court.accuse(load_adversary(str(ADVERSARIES / "label_flip.py:LabelFlip"))._outside)
    assert court.node("contest", court.world.job)[0] == 0
    first = court.node("contest", court.world.job)[1]
    assert (first["state"], first["tx"]) == ("contested", None)

    code, found = court.verify(bundle)
    assert (code, set(found.values())) == (0, {"ok"})
    court.decide(code)

    assert court.stake().deposit == 0
    assert court.chain.contract("NodeStaking").functions.isBanned(court.culprit.address).call()
    status, refused = court.node("contest", court.world.job)
    assert (status, refused["error"]["code"]) == (2, "contest.not_accused")


def test_contest__when_the_window_is_over__is_refused(court: Court) -> None:
    court.accuse(said=framed)
    court.chain.pass_time(CONTEST_S + 1)
    status, refused = court.node("contest", court.world.job)
    assert (status, refused["error"]["code"]) == (2, "contest.closed")
    assert court.node("contest", "0x12")[1]["error"]["code"] == "contest.job"


def test_verify__keys_that_the_market_does_not_know__are_found_by_the_chain_alone(court: Court) -> None:
    genuine = court.accuse(said=framed)
    assert court.verify(genuine)[1]["chain"] == "ok"
    court.world.accounts = {name: Account.create() for name in court.world.accounts}
    cheat = load_adversary(str(ADVERSARIES / "label_flip.py:LabelFlip"))._outside
    forged = accused(court.world, court.culprit.address, court.trainers[1:], court.validators, cheat)
    path = forged.write(court.folder / "forged.tar")
    assert verify.main([str(path)]) == 0
    code, found = court.verify(path)
    assert code == 1
    assert {name for name, outcome in found.items() if outcome == "failed"} == {"chain"}
