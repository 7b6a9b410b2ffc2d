"""The staking and escrow contracts, as a node provider uses them with its own wallet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from eth_account.signers.local import LocalAccount
from eth_utils.abi import filter_abi_by_type
from web3 import Web3
from web3.contract.contract import Contract, ContractFunction
from web3.exceptions import (
    ContractCustomError,
    ContractLogicError,
    TimeExhausted,
    Web3Exception,
    Web3RPCError,
)
from web3.types import TxParams, Wei

from fl_nodes.errors import NodeError, Refused, Unreachable
from fl_nodes.protocol.ledger_epoch import Member, heaviest
from fl_nodes.trust import certificate_problem

ROLES = {"trainer": 1, "validator": 2}
ANY_ROLE = 3
STATES = ("None", "Active", "Exiting", "Banned")
JOB_STATUSES = ("None", "Open", "Drawing", "Assigned", "Settled", "Failed", "Cancelled", "Reclaimed")
ACCUSATIONS = ("none", "named", "contested", "acquitted", "slashed")
SPAN_BLOCKS = 2_000
"""How many blocks of events are asked for at once: what public nodes answer."""
HTTP_SECONDS = 20.0
RECEIPT_SECONDS = 120.0

_SENTENCES = {
    "NameTaken": ("node.name_taken", "That name is taken: choose another with --name."),
    "KeyTaken": ("node.key_taken", "This machine key is registered already: join with another --home."),
    "Banned": ("node.banned", "This wallet or machine key was banned for a proven cheat, for life."),
    "AlreadyRegistered": (
        "node.registered",
        "This wallet has registered a node already: leave with it first, or join with another wallet.",
    ),
    "DepositTooSmall": (
        "node.deposit",
        "The deposit is below the minimum: leave --deposit out to pay just that.",
    ),
    "BadName": ("node.name", "A name has 1 to 40 letters, digits, dots, dashes or underscores."),
    "StillAssigned": ("node.assigned", "The node works on an open job: try again when that has ended."),
    "AlreadyReleased": ("node.released", "The job binds nobody any more."),
    "StillUnbonding": (
        "node.unbonding",
        "The unbonding delay is not over yet: `ecodml node status` says when, try again then.",
    ),
    "Frozen": (
        "node.frozen",
        "The deposit is frozen by an open accusation: it is decided soon, look again later.",
    ),
    "WindowClosed": (
        "contest.closed",
        "The time to contest is over: the slash can be carried out by anyone.",
    ),
    "NotActive": ("node.not_active", "The node is not active: it has left already, or never joined."),
}


def configuration(api_url: str) -> dict[str, Any]:
    """Chains and contracts as the API names them; Unreachable when it does not answer."""
    return _get(f"{api_url}/api/config")


def public_record(api_url: str, provider: str) -> dict[str, Any] | None:
    """What the market knows of a provider; None while it has not seen it."""
    try:
        return _get(f"{api_url}/api/nodes/{provider}")
    except Refused as error:
        if error.code.endswith("unknown"):
            return None
        raise


def unreachable(url: str, error: Exception) -> Unreachable:
    """Why an address of the market gave no answer."""
    if problem := certificate_problem(error):
        return Unreachable("api.certificate", f"{url} is not believed to be who it says: {problem}.")
    return Unreachable("api.unreachable", f"{url} does not answer: is the market running there?")


def _get(url: str) -> dict[str, Any]:
    try:
        answer = requests.get(url, timeout=HTTP_SECONDS)
        body: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise unreachable(url, error) from error
    if not answer.ok:
        problem = body.get("error", {})
        raise Refused(str(problem.get("code", "api.refused")), str(problem.get("message", answer.reason)))
    return body


class Market:
    """The market chain seen with one wallet."""

    def __init__(self, configured: dict[str, Any]) -> None:
        market = configured["market"]
        self.chain_id = int(market["chain_id"])
        self.escrow_address = str(market["contracts"]["JobEscrow"]["address"])
        self._web3 = Web3(Web3.HTTPProvider(market["rpc_url"], request_kwargs={"timeout": HTTP_SECONDS}))
        self._rpc_url = market["rpc_url"]
        self._first_block = min(
            int(market["contracts"][name]["block"]) for name in ("JobEscrow", "NodeStaking")
        )
        self.staking = self._contract(market["contracts"]["NodeStaking"])
        self.escrow = self._contract(market["contracts"]["JobEscrow"])

    def _contract(self, deployed: dict[str, Any]) -> Contract:
        return self._web3.eth.contract(
            address=Web3.to_checksum_address(deployed["address"]), abi=deployed["abi"]
        )

    def minimum_deposit_wei(self) -> int:
        """The smallest deposit, in wei."""
        return int(self._read(self.staking.functions.minDeposit()))

    def standing(self, provider: str) -> dict[str, Any]:
        """A provider's record on chain by field name; `state` as its name."""
        function = self.staking.functions.node(provider)
        values = self._read(function)
        names = [c["name"] for c in function.abi["outputs"][0]["components"]]
        record = dict(zip(names, values, strict=True))
        record["state"] = STATES[record["state"]]
        return record

    def provider_of(self, key: str) -> str | None:
        """The wallet that has registered a machine key; None for none."""
        provider = str(self._read(self.staking.functions.providerOf(Web3.to_checksum_address(key))))
        return None if int(provider, 16) == 0 else provider

    @staticmethod
    def checksum(address: str) -> str:
        """An address as it is written; Refused `address.invalid`."""
        if not Web3.is_address(address):
            raise Refused("address.invalid", f"{address[:50]!r} is no address: 0x and 40 hex digits.")
        return Web3.to_checksum_address(address)

    def credits(self, provider: str) -> tuple[int, int]:
        """(DML wei in the escrow, native wei of slashed deposits) waiting for a provider."""
        dml = self._read(self.escrow.functions.credit(provider))
        native = self._read(self.staking.functions.credit(provider))
        return int(dml), int(native)

    def escrow_events(self, name: str, **only: Any) -> Iterator[dict[str, Any]]:
        """The arguments of every escrow event of this kind (with these indexed values), oldest first."""
        return (dict(entry["args"]) for entry in self._entries(self.escrow, name, only))

    def registered_keys(self, provider: str) -> Iterator[tuple[int, str]]:
        """The block of each registration of a provider, and the machine key it named, oldest first."""
        entries = self._entries(self.staking, "NodeRegistered", {"provider": provider})
        return ((entry["blockNumber"], str(entry["args"]["nodeKey"])) for entry in entries)

    def assigned_block(self, job_id: bytes) -> int | None:
        """The block in which a job's validators were drawn."""
        found = [
            entry["blockNumber"] for entry in self._entries(self.escrow, "JobAssigned", {"jobId": job_id})
        ]
        return found[0] if found else None

    def _entries(self, contract: Contract, name: str, only: dict[str, Any]) -> Iterator[Any]:
        with self._answering():
            head = self._web3.eth.block_number
            for first in range(self._first_block, head + 1, SPAN_BLOCKS):
                last = min(first + SPAN_BLOCKS - 1, head)
                yield from contract.events[name]().get_logs(
                    from_block=first, to_block=last, argument_filters=only or None
                )

    def accusation(self, job_id: bytes, provider: str) -> tuple[str, int]:
        """What has become of an accusation, by name, and from when on a slash is possible (Unix seconds; 0 without one)."""
        state = self._read(self.escrow.functions.accusation(job_id, provider))
        ready_at = self._read(self.escrow.functions.slashReadyAt(job_id))
        return ACCUSATIONS[int(state)], int(ready_at)

    def job(self, job_id: bytes) -> tuple[str, bool]:
        """A job's status on chain by name, and whether its nodes are free of it."""
        function = self.escrow.functions.job(job_id)
        names = [c["name"] for c in function.abi["outputs"][0]["components"]]
        record = dict(zip(names, self._read(function), strict=True))
        return JOB_STATUSES[record["status"]], bool(record["released"])

    def now(self) -> int:
        """The newest block's time, in Unix seconds."""
        with self._answering():
            return int(self._web3.eth.get_block("latest")["timestamp"])

    def balance_wei(self, address: str) -> int:
        """Native coins of a wallet, in wei."""
        with self._answering():
            return int(self._web3.eth.get_balance(Web3.to_checksum_address(address)))

    def stakes(self, block: int) -> tuple[str, tuple[Member, ...]]:
        """A block's hash, and who may sign for the energy ledger by the stake in it: `NodeStaking.weights(3, block + 1)`."""
        with self._answering():
            header = self._web3.eth.get_block(block)
            staked = self.staking.functions
            providers, weights = staked.weights(ANY_ROLE, block + 1).call(block_identifier=block)
            members = []
            for provider, weight in zip(providers, weights, strict=True):
                record = staked.node(provider).call(block_identifier=block)
                members.append(Member(str(record[1]), int(weight)))
        return Web3.to_hex(header["hash"]), heaviest(members)

    def check(self) -> None:
        """Refused `chain.other` where the RPC address leads to another chain than the market's."""
        with self._answering():
            found = self._web3.eth.chain_id
        if found != self.chain_id:
            raise Refused(
                "chain.other",
                f"{self._rpc_url} is chain {found}, but the market is on chain {self.chain_id}.",
            )

    def _read(self, function: ContractFunction) -> Any:
        with self._answering():
            return function.call()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except (requests.RequestException, ConnectionError) as error:
            raise Unreachable(
                "chain.unreachable",
                f"The market's chain at {self._rpc_url} does not answer: look again later.",
            ) from error
        except Web3Exception as error:
            raise NodeError(
                "chain.other", f"The chain at {self._rpc_url} does not know the market's contracts: {error}."
            ) from error

    def send(self, account: LocalAccount, function: ContractFunction, value_wei: int = 0) -> str:
        """Dry-run, send and wait for the receipt; the transaction's hash. Refused with the contract's reason."""
        try:
            function.call({"from": account.address, "value": Wei(value_wei)})
            terms: TxParams = {
                "from": account.address,
                "value": Wei(value_wei),
                "nonce": self._web3.eth.get_transaction_count(account.address, "pending"),
                "chainId": self.chain_id,
            }
            prepared = function.build_transaction(terms)
            signed = account.sign_transaction(prepared)  # type: ignore[arg-type]
            tx = self._web3.eth.send_raw_transaction(signed.raw_transaction)
            receipt = self._web3.eth.wait_for_transaction_receipt(tx, timeout=RECEIPT_SECONDS)
        except (ContractCustomError, ContractLogicError) as error:
            raise _refusal(error, [self.staking, self.escrow]) from error
        except TimeExhausted as error:
            raise Unreachable(
                "chain.slow", "The transaction was sent but is not in a block yet; look again later."
            ) from error
        except Web3RPCError as error:
            if "insufficient funds" in str(error).lower():
                raise Refused(
                    "wallet.funds",
                    f"{account.address} has too few coins: local chains have `ecodml faucet {account.address}`.",
                ) from error
            raise NodeError(
                "chain.rejected", f"The chain refused the transaction: {error.message}."
            ) from error
        except (requests.RequestException, ConnectionError) as error:
            raise Unreachable(
                "chain.unreachable",
                f"The market's chain at {self._rpc_url} does not answer: look again later.",
            ) from error
        if receipt["status"] != 1:
            raise NodeError("chain.reverted", f"Transaction 0x{tx.hex()} was reverted.")
        return "0x" + tx.hex().removeprefix("0x")


def _refusal(error: ContractLogicError, contracts: list[Contract]) -> NodeError:
    data = str(error.data or error.message or error)
    for contract in contracts:
        for item in filter_abi_by_type("error", contract.abi):
            types = ",".join(i["type"] for i in item.get("inputs", []))
            selector = Web3.keccak(text=f"{item['name']}({types})")[:4].hex()
            if selector.removeprefix("0x") in data:
                return _sentence(item["name"])
    return NodeError("chain.rejected", f"The contract refuses this: {error}.")


def _sentence(name: str) -> NodeError:
    reason = name.split("_", 1)[-1]
    for part, (code, text) in _SENTENCES.items():
        if part.lower() in reason.lower():
            return Refused(code, text)
    return NodeError("chain.rejected", f"The contract refuses this: {reason}.")
