"""A real chain for tests: Anvil on a free port with the contracts, their people and their nodes."""

from __future__ import annotations

import platform
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import HTTPProvider, Web3
from web3.contract import Contract

from backend.adapters.chain.deployments import CARBON_CONTRACTS, Deployments, parse_deployments
from tests.support.artifacts import ROOT, artifacts

CHAIN_ID = 31337
DML = 10**18
DEPOSIT_WEI = 10**17
COMMISSION_BPS = 200
UNBONDING_S = 60
CONTEST_S = 8
CHALLENGE_S, PROPOSER_S, RECOVERY_S = 30, 5, 600
TRAINER, VALIDATOR = 1, 2
PEOPLE = ("deployer", "operator", "treasury", "arbiter", "faucet", "customer", "stranger")
START_S = 20.0


@dataclass(frozen=True)
class Provider:
    """A node provider: its staking wallet and its machine's key."""

    name: str
    wallet: LocalAccount
    key: LocalAccount

    @property
    def address(self) -> str:
        """The wallet's checksum address."""
        return str(self.wallet.address)


@dataclass(frozen=True)
class ChainWorld:
    """A running chain with everything deployed. Blocks are mined as transactions come, time moves by `pass_time`.

    Trainers stand in ascending order of their wallets, as in a job that all of them hold.
    """

    rpc_url: str
    web3: Web3
    document: dict[str, Any]
    people: dict[str, LocalAccount]
    trainers: tuple[Provider, ...]
    validators: tuple[Provider, ...]

    @property
    def deployments(self) -> Deployments:
        """As the adapters take them."""
        return parse_deployments(self.document)

    @property
    def providers(self) -> tuple[Provider, ...]:
        """All nodes."""
        return self.trainers + self.validators

    def contract(self, name: str) -> Contract:
        """A deployed contract."""
        part = "carbon" if name in CARBON_CONTRACTS else "market"
        at = self.document[part]["contracts"][name]
        return self.web3.eth.contract(address=at["address"], abi=at["abi"], decode_tuples=True)

    def person(self, name: str) -> LocalAccount:
        """Somebody by role."""
        return self.people[name]

    def key(self, name: str) -> str:
        """Somebody's private key, 0x hex."""
        return "0x" + bytes(self.people[name].key).hex()

    def rpc(self, method: str, *params: Any) -> Any:
        """A call of Anvil's own."""
        answer = self.web3.provider.make_request(method, list(params))  # type: ignore[arg-type]
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer.get("result")

    def mine(self, blocks: int = 1) -> None:
        """Mine empty blocks."""
        self.rpc("anvil_mine", hex(blocks))

    def now(self) -> int:
        """The newest block's time, in Unix seconds."""
        return int(self.web3.eth.get_block("latest")["timestamp"])

    def pass_time(self, seconds: int) -> None:
        """Make the next block `seconds` later and mine it."""
        self.rpc("evm_increaseTime", hex(seconds))
        self.mine()

    def fund(self, address: str, wei: int = 100 * DML) -> None:
        """Set somebody's native coin."""
        self.rpc("anvil_setBalance", address, hex(wei))

    def mint(self, address: str, dml_wei: int) -> None:
        """New DML for somebody."""
        self.act(self.person("deployer"), self.contract("DMLToken").functions.mint(address, dml_wei))

    def act(self, who: LocalAccount, call: Any, value: int = 0) -> str:
        """Send a transaction as somebody; its hash. Fails loudly when it reverts."""
        return _transact(self.web3, who, call, value)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Take back whatever happens inside."""
        snapshot = self.rpc("evm_snapshot")
        try:
            yield
        finally:
            # In this order: what is still pooled when mining resumes would be mined into the next test.
            self.rpc("anvil_dropAllTransactions")
            self.rpc("evm_revert", snapshot)
            self.rpc("evm_setAutomine", True)


def anvil_command(*options: str, chain_id: int = CHAIN_ID) -> tuple[list[str], str]:
    """The command of an Anvil on a free port, and its URL."""
    (binary,) = (ROOT / "node_modules" / "@foundry-rs").glob(f"anvil-{_platform()}/bin/anvil*")
    port = _free_port()
    command = [str(binary), "--port", str(port), "--chain-id", str(chain_id), "--silent", "--order", "fifo"]
    return [*command, *options], f"http://127.0.0.1:{port}"


@contextmanager
def anvil(*options: str, chain_id: int = CHAIN_ID) -> Iterator[str]:
    """A chain of its own on a free port; its URL. Gone afterwards."""
    command, url = anvil_command(*options, chain_id=chain_id)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_answer(url, process)
        yield url
    finally:
        process.kill()
        process.wait()


@contextmanager
def chain_world(*options: str) -> Iterator[ChainWorld]:
    """A chain with contracts, four trainers and four validators."""
    with anvil(*options) as url:
        yield furnish(url)


def account(name: str) -> LocalAccount:
    """The same account for the same name, always."""
    made: LocalAccount = Account.from_key(keccak(text=f"ecodml test account {name}"))
    return made


def furnish(url: str) -> ChainWorld:
    """A chain of Anvil with contracts, people and nodes."""
    web3 = Web3(HTTPProvider(url, request_kwargs={"timeout": 30}))
    people = {name: account(name) for name in PEOPLE}
    trainers = tuple(
        sorted((_provider(f"trainer-{n}") for n in range(1, 5)), key=lambda p: int(p.address, 16))
    )
    validators = tuple(_provider(f"validator-{n}") for n in range(1, 5))
    for wallet in (*people.values(), *(p.wallet for p in trainers + validators)):
        web3.provider.make_request("anvil_setBalance", [wallet.address, hex(100 * DML)])  # type: ignore[arg-type]
    world = ChainWorld(url, web3, _deploy(url, web3, people), people, trainers, validators)
    staking = world.contract("NodeStaking")
    for provider in trainers + validators:
        roles = TRAINER if provider in trainers else VALIDATOR
        call = staking.functions.register(provider.name, provider.key.address, roles)
        world.act(provider.wallet, call, DEPOSIT_WEI)
    world.mint(people["customer"].address, 1_000 * DML)
    return world


def _deploy(url: str, web3: Web3, people: dict[str, LocalAccount]) -> dict[str, Any]:
    built = artifacts()
    deployer = people["deployer"]
    deployed: dict[str, dict[str, Any]] = {}

    def deploy(name: str, *arguments: Any) -> Contract:
        factory = web3.eth.contract(abi=built[name]["abi"], bytecode=built[name]["bytecode"])
        tx = _transact(web3, deployer, factory.constructor(*arguments))
        receipt = web3.eth.get_transaction_receipt(tx)  # type: ignore[arg-type]
        at = {
            "address": receipt["contractAddress"],
            "block": receipt["blockNumber"],
            "abi": built[name]["abi"],
        }
        deployed[name] = at
        return web3.eth.contract(address=at["address"], abi=at["abi"])

    admin = deployer.address
    operator, treasury, arbiter = (people[name].address for name in ("operator", "treasury", "arbiter"))
    token = deploy("DMLToken", admin)
    staking = deploy("NodeStaking", admin, DEPOSIT_WEI, UNBONDING_S)
    escrow = deploy(
        "JobEscrow",
        token.address,
        staking.address,
        admin,
        operator,
        arbiter,
        treasury,
        COMMISSION_BPS,
        CONTEST_S,
    )
    faucet = deploy("LocalFaucet", token.address, 10_000 * DML)
    ledger = deploy("EnergyLedger", admin, operator, arbiter, CHALLENGE_S, PROPOSER_S, RECOVERY_S)
    deploy("CarbonCredit", ledger.address, admin, operator)
    deploy("Publications", admin, operator)
    minter = token.functions.MINTER_ROLE().call()
    for call in (
        staking.functions.setEscrow(escrow.address),
        token.functions.grantRole(minter, admin),
        token.functions.grantRole(minter, faucet.address),
    ):
        _transact(web3, deployer, call)
    carbon = {name: deployed.pop(name) for name in CARBON_CONTRACTS}
    return {
        "market": {"chain_id": CHAIN_ID, "rpc_url": url, "contracts": deployed},
        "carbon": {"chain_id": CHAIN_ID, "rpc_url": url, "contracts": carbon},
    }


def _transact(web3: Web3, who: LocalAccount, call: Any, value: int = 0) -> str:
    nonce = web3.eth.get_transaction_count(who.address)
    transaction = call.build_transaction({"from": who.address, "nonce": nonce, "value": value})
    sent = web3.eth.send_raw_transaction(who.sign_transaction(transaction).raw_transaction)
    receipt = web3.eth.wait_for_transaction_receipt(sent, timeout=30, poll_latency=0.01)
    if receipt["status"] != 1:
        raise AssertionError(f"transaction {sent.to_0x_hex()} was refused")
    return sent.to_0x_hex()


def _provider(name: str) -> Provider:
    return Provider(name, account(name), account(f"{name} machine"))


def _platform() -> str:
    machine = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}.get(
        platform.machine(), platform.machine()
    )
    return f"{platform.system().lower()}-{machine}"


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def await_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a JSON-RPC server answers; fails when its process ends first."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"anvil ended with status {process.returncode}")
        try:
            requests.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}, timeout=1).json()
        except (requests.RequestException, ValueError):
            time.sleep(0.02)
        else:
            return
    raise AssertionError("anvil did not start")
