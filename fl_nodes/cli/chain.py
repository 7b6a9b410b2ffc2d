"""The provider's transactions on the market chain, and the contracts' refusals in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from eth_account.signers.local import LocalAccount
from eth_utils.abi import function_abi_to_4byte_selector
from web3 import Web3
from web3.exceptions import ContractCustomError, ContractLogicError, TimeExhausted, Web3Exception, Web3RPCError

from fl_nodes.errors import NodeError, Refused, Unreachable

RECEIPT_SECONDS = 120.0
REQUEST_SECONDS = 20.0
GAS_MARGIN_PERCENT = 25
ETHER = 10**18

ROLE_BITS = {"trainer": 1, "validator": 2}
STATES = ("None", "Active", "Exiting", "Banned")

_REASONS: Mapping[str, tuple[str, str]] = {
    "NodeStaking_Banned": ("node.banned", "This wallet or key was banned for a proven cheat and may never join again."),
    "NodeStaking_AlreadyRegistered": (
        "node.already_joined", "This wallet already runs a node: leave first, or join with another wallet.",
    ),
    "NodeStaking_BadName": (
        "node.name", "The name is not accepted: take 1 to 40 letters, digits, hyphens, underscores or dots.",
    ),
    "NodeStaking_NameTaken": ("node.name_taken", "Another node has this name: choose another with --name."),
    "NodeStaking_NodeKeyTaken": ("node.key_taken", "Another node has this key: join with a fresh --home."),
    "NodeStaking_DepositTooSmall": ("node.deposit", "The deposit is below the minimum: leave --deposit out to pay just that."),
    "NodeStaking_NotActive": ("node.not_active", "This node is not active: it has left already, or never joined."),
    "NodeStaking_NotExiting": ("node.not_leaving", "This node is still active: run `ecodml node leave` first."),
    "NodeStaking_StillUnbonding": (
        "node.unbonding", "The deposit is still unbonding: `ecodml node status` says until when, try again then.",
    ),
    "NodeStaking_StillAssigned": ("node.assigned", "The node still works on a job: try again when it has ended."),
    "NodeStaking_Frozen": ("node.frozen", "The deposit is frozen by a verdict: contest it, or wait for its end."),
    "NodeStaking_NothingToWithdraw": ("withdraw.nothing", "There is nothing to withdraw."),
    "JobEscrow_NothingToWithdraw": ("withdraw.nothing", "There is nothing to withdraw."),
}  # fmt: skip


@dataclass(frozen=True)
class OnChain:
    """A provider's record in NodeStaking; wei and Unix seconds."""

    name: str
    node_key: str
    roles: int
    deposit_wei: int
    rating_bps: int
    state: str
    assigned_jobs: int
    frozen: bool
    exit_at_unix_s: int


class MarketChain:
    """The market chain as a provider uses it; every method raises Unreachable where the chain does not answer."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._web3 = Web3(Web3.HTTPProvider(document["rpc_url"], request_kwargs={"timeout": REQUEST_SECONDS}))
        self._errors = {
            "0x" + function_abi_to_4byte_selector(entry).hex(): entry["name"]
            for contract in document["contracts"].values()
            for entry in contract["abi"]
            if entry.get("type") == "error"
        }

    def check(self) -> None:
        """Raise Refused where the RPC address leads to another chain than the API says."""
        found = self._ask(lambda: self._web3.eth.chain_id)
        if found != self._document["chain_id"]:
            raise Refused(
                "chain.other", f"{self._document['rpc_url']} is chain {found}, not {self._document['chain_id']}: check --rpc."
            )

    @property
    def chain_id(self) -> int:
        """The chain's id, as the API says."""
        return int(self._document["chain_id"])

    @property
    def rpc_url(self) -> str:
        """Where the chain is reached."""
        return str(self._document["rpc_url"])

    def address(self, contract: str) -> str:
        """A contract's address."""
        return Web3.to_checksum_address(self._document["contracts"][contract]["address"])

    def view(self, contract: str, function: str, *arguments: Any) -> Any:
        """Call a view."""
        return self._ask(lambda: self._contract(contract).functions[function](*arguments).call())

    def balance(self, account: str) -> int:
        """Native coin of an account, in wei."""
        return int(self._ask(lambda: self._web3.eth.get_balance(Web3.to_checksum_address(account))))

    def node(self, provider: str) -> OnChain:
        """A provider's record."""
        raw = self._ask(lambda: self._contract("NodeStaking").functions.node(Web3.to_checksum_address(provider)).call())
        names = [c["name"] for c in self._outputs("NodeStaking", "node")[0]["components"]]
        record = dict(zip(names, raw, strict=True))
        return OnChain(
            name=record["name"],
            node_key=record["nodeKey"],
            roles=record["roles"],
            deposit_wei=record["deposit"],
            rating_bps=record["rating"],
            state=STATES[record["state"]],
            assigned_jobs=record["assignedJobs"],
            frozen=bool(record["frozen"]),
            exit_at_unix_s=record["exitAt"],
        )

    def send(self, wallet: LocalAccount, contract: str, function: str, *arguments: Any, value_wei: int = 0) -> str:
        """Send a transaction and wait for its receipt; its hash (0x hex). NodeError where the contract refuses."""
        sender = wallet.address
        call = self._contract(contract).functions[function](*arguments)

        def transact() -> str:
            needed = call.estimate_gas({"from": sender, "value": Web3.to_wei(value_wei, "wei")})
            transaction = call.build_transaction(
                {
                    "from": sender,
                    "value": Web3.to_wei(value_wei, "wei"),
                    "gas": needed * (100 + GAS_MARGIN_PERCENT) // 100,
                    "nonce": self._web3.eth.get_transaction_count(sender, "pending"),
                }
            )
            signed = wallet.sign_transaction(dict(transaction))
            sent = self._web3.eth.send_raw_transaction(signed.raw_transaction)
            receipt = self._web3.eth.wait_for_transaction_receipt(sent, timeout=RECEIPT_SECONDS, poll_latency=0.2)
            if receipt["status"] != 1:
                raise NodeError("chain.reverted", f"The transaction {Web3.to_hex(sent)} was included but failed.")
            return Web3.to_hex(sent)

        return str(self._ask(transact))

    def _contract(self, name: str) -> Any:
        described = self._document["contracts"][name]
        return self._web3.eth.contract(address=Web3.to_checksum_address(described["address"]), abi=described["abi"])

    def _outputs(self, contract: str, function: str) -> list[dict[str, Any]]:
        abi = self._document["contracts"][contract]["abi"]
        return next(list(e["outputs"]) for e in abi if e.get("type") == "function" and e["name"] == function)

    def _ask(self, question: Any) -> Any:
        try:
            return question()
        except (ContractCustomError, ContractLogicError) as error:
            raise self._refusal(error) from error
        except Web3RPCError as error:
            raise _rpc_refusal(error) from error
        except TimeExhausted as error:
            raise Unreachable("chain.slow", "The transaction was sent but not included in time: run the command again.") from error
        except (requests.RequestException, Web3Exception, ConnectionError) as error:
            url = self._document["rpc_url"]
            raise Unreachable("chain.unreachable", f"The market chain at {url} does not answer: check it, or give --rpc.") from error

    def _refusal(self, error: ContractLogicError) -> NodeError:
        found = re.search(r"0x[0-9a-f]{8}", str(error.data or "") or str(error))
        name = self._errors.get(found.group(0), "") if found else ""
        if name in _REASONS:
            code, message = _REASONS[name]
            return Refused(code, message)
        return NodeError("chain.refused", f"The contract refuses the transaction ({name or error}).")


def _rpc_refusal(error: Web3RPCError) -> NodeError:
    text = str(error)
    if "insufficient funds" in text.lower():
        return Refused("wallet.funds", "The wallet cannot pay the deposit and the gas: send it native coin, then try again.")
    return NodeError("chain.refused", f"The chain refuses the transaction: {text[:300]}.")


