"""The provider's commands against a real chain: join, status, leave, withdraw, and everything that stands in the way."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account
from web3 import Web3

from fl_nodes.cli.__main__ import main
from tests.integration.fl_nodes.object_server import Store
from tests.support.chains import DEPOSIT_WEI, DML, UNBONDING_S, ChainWorld, chain_world

VARIABLE = "TEST_WALLET_KEY"


@pytest.fixture(scope="module")
def furnished() -> Iterator[ChainWorld]:
    with chain_world() as made:
        yield made


@pytest.fixture
def chain(furnished: ChainWorld) -> Iterator[ChainWorld]:
    with furnished.unchanged():
        yield furnished


class Provider:
    """Somebody at a terminal."""

    def __init__(self, chain: ChainWorld, store: Store, folder: Path, monkeypatch, capsys) -> None:
        self.chain, self.folder = chain, folder
        self.wallet = Account.create()
        self._capsys = capsys
        self._api = store.url
        store.objects["api/config"] = json.dumps(chain.document).encode()
        chain.fund(self.wallet.address)
        monkeypatch.setenv(VARIABLE, self.wallet.key.hex())

    def ask(self, *arguments: str, wallet: bool = True, api: str | None = None) -> tuple[int, dict]:
        """Exit status and what was printed."""
        money = ("--private-key-env", VARIABLE) if wallet else ()
        common = ("--home", str(self.folder), "--api", api or self._api, "--json")
        code = main([*arguments, *common, *money])
        return code, json.loads(self._capsys.readouterr().out)

    def join(self, name: str = "alpha", *more: str) -> tuple[int, dict]:
        return self.ask("join", "--name", name, "--role", "trainer", *more)

    def node(self):
        return self.chain.contract("NodeStaking").functions.node(self.wallet.address).call()


@pytest.fixture
def provider(chain: ChainWorld, store: Store, tmp_path: Path, monkeypatch, capsys) -> Provider:
    return Provider(chain, store, tmp_path / "home", monkeypatch, capsys)


def test_join__new_node__is_registered_with_its_own_key_and_the_least_deposit(provider: Provider) -> None:
    code, said = provider.join()
    assert code == 0
    node = provider.node()
    assert (node.name, node.nodeKey, node.deposit) == ("alpha", said["node_key"], DEPOSIT_WEI)
    assert said["node_key"] != provider.wallet.address
    for file in provider.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert provider.wallet.key.hex().encode() not in file.read_bytes()


def test_join__twice__changes_nothing_and_says_so(provider: Provider) -> None:
    first = provider.join()[1]
    code, again = provider.join()
    assert code == 0
    assert again["node_key"] == first["node_key"]
    assert again["tx"] is None
    assert provider.node().deposit == DEPOSIT_WEI


def test_join__larger_deposit__is_paid(provider: Provider) -> None:
    assert provider.join("alpha", "--deposit", "0.25")[0] == 0
    assert provider.node().deposit == DML // 4


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        ("trainer-1", (), "node.name_taken"),
        ("Trainer-1", (), "node.name_taken"),
        ("no spaces", (), "node.name"),
        ("alpha", ("--deposit", "0.01"), "node.deposit"),
        ("alpha", ("--deposit", "much"), "node.deposit"),
        ("alpha", ("--deposit", "-1"), "node.deposit"),
        ("alpha", ("--deposit", "1000"), "wallet.funds"),
    ],
)
def test_join__what_the_market_does_not_take__is_refused_in_a_sentence(
    provider: Provider, name, more, code
) -> None:
    status, said = provider.join(name, *more)
    assert status == 2
    assert said["error"]["code"] == code
    assert said["error"]["message"].endswith(".")
    assert provider.node().deposit == 0


def test_join__wallet_of_a_node_already__is_refused(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, provider.chain.trainers[0].wallet.key.hex())
    status, said = provider.join()
    assert (status, said["error"]["code"]) == (2, "node.registered")


def test_leave_and_withdraw__after_unbonding__returns_the_deposit(provider: Provider) -> None:
    provider.join()
    before = provider.chain.web3.eth.get_balance(provider.wallet.address)
    assert provider.ask("withdraw")[1]["error"]["code"] == "withdraw.nothing"
    assert provider.ask("leave")[0] == 0
    assert provider.ask("leave")[1]["error"]["code"] == "node.not_active"
    waiting = provider.ask("withdraw")[1]
    assert waiting["deposit_wei"] == "0"
    assert "unbonding" in waiting["deposit_waits"]
    provider.chain.pass_time(UNBONDING_S + 1)
    assert provider.ask("withdraw")[1]["deposit_wei"] == str(DEPOSIT_WEI)
    gained = provider.chain.web3.eth.get_balance(provider.wallet.address) - before
    assert DEPOSIT_WEI - DML // 100 < gained <= DEPOSIT_WEI


def test_withdraw__job_reclaimed_without_release__frees_the_node_and_pays(provider: Provider) -> None:
    provider.join()
    chain = provider.chain
    job = reclaimed_job(chain, provider.wallet.address)
    assert provider.node().assignedJobs == 1

    provider.ask("leave")
    chain.pass_time(UNBONDING_S + 1)

    assert provider.ask("withdraw")[1]["deposit_wei"] == str(DEPOSIT_WEI)
    assert chain.contract("JobEscrow").functions.job(job).call().released


def test_withdraw__job_still_open__waits_in_a_sentence(provider: Provider) -> None:
    provider.join()
    drawing_job(provider.chain, provider.wallet.address, seconds=10_000)
    provider.ask("leave")
    provider.chain.pass_time(UNBONDING_S + 1)
    said = provider.ask("withdraw")[1]
    assert said["deposit_wei"] == "0"
    assert "open job" in said["deposit_waits"]


def drawing_job(chain: ChainWorld, trainer: str, seconds: int) -> bytes:
    """A job that this trainer alone holds, before its validators are drawn."""
    customer, escrow = chain.person("customer"), chain.contract("JobEscrow").functions
    chain.mint(customer.address, DML)
    chain.act(
        customer, chain.contract("DMLToken").functions.approve(chain.contract("JobEscrow").address, DML)
    )
    ref = Web3.keccak(text=trainer)
    chain.act(customer, escrow.openJob(ref, ref, ref, DML, chain.now() + seconds))
    job: bytes = escrow.jobIdOf(customer.address, ref).call()
    chain.act(chain.person("operator"), escrow.assign(job, [trainer]))
    return job


def reclaimed_job(chain: ChainWorld, trainer: str) -> bytes:
    """A job that bound this trainer when its customer took the fee back."""
    job = drawing_job(chain, trainer, seconds=40)
    chain.pass_time(50)
    chain.act(chain.person("customer"), chain.contract("JobEscrow").functions.reclaim(job))
    return job


def test_join__after_leaving__works_with_the_same_home(provider: Provider) -> None:
    first = provider.join()[1]
    provider.ask("leave")
    provider.chain.pass_time(UNBONDING_S + 1)
    provider.ask("withdraw")
    code, again = provider.join("beta")
    assert code == 0
    assert again["node_key"] == first["node_key"]


def test_status__of_a_joined_node__joins_what_chain_and_market_say(provider: Provider, store: Store) -> None:
    provider.join()
    seen = {"node": {"online": True}, "jobs": [{"job_id": "0x1", "paid_wei": "5"}]}
    store.objects[f"api/nodes/{provider.wallet.address}"] = json.dumps(seen).encode()
    code, said = provider.ask("status", wallet=False)
    assert code == 0
    assert (said["state"], said["deposit_wei"], said["online"]) == ("Active", str(DEPOSIT_WEI), True)
    assert said["jobs"] == seen["jobs"]


def test_commands__before_joining_or_with_another_wallet__are_refused(
    provider: Provider, monkeypatch
) -> None:
    status, said = provider.ask("leave")
    assert (status, said["error"]["code"]) == (2, "node.not_joined")
    provider.join()
    monkeypatch.setenv(VARIABLE, Account.create().key.hex())
    assert provider.ask("leave")[1]["error"]["code"] == "wallet.other"
    monkeypatch.setenv(VARIABLE, "nonsense")
    assert provider.ask("leave")[1]["error"]["code"] == "key.environment"


def test_join__nobody_answers__exits_three(provider: Provider, store: Store) -> None:
    status, said = provider.ask("join", "--name", "a", "--role", "trainer", api="http://127.0.0.1:9")
    assert (status, said["error"]["code"]) == (3, "api.unreachable")
    dead = json.loads(json.dumps(provider.chain.document))
    dead["market"]["rpc_url"] = "http://127.0.0.1:9"
    store.objects["api/config"] = json.dumps(dead).encode()
    status, said = provider.join()
    assert (status, said["error"]["code"]) == (3, "chain.unreachable")


def test_join__another_chain_than_the_markets__is_refused(provider: Provider, store: Store) -> None:
    other = json.loads(json.dumps(provider.chain.document))
    other["market"]["chain_id"] = 1
    store.objects["api/config"] = json.dumps(other).encode()
    status, said = provider.join()
    assert (status, said["error"]["code"]) == (2, "chain.other")


def test_help__every_command__explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("join", "run", "status", "leave", "withdraw"):
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0
        assert "--home" in capsys.readouterr().out
