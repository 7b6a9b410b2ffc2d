"""From a quote to a paid ticket: check what is about to be signed, keep a
receipt, pay with one permit and one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from eth_account.signers.local import LocalAccount

from backend.cli.client import Api
from backend.cli.home import Receipt, save_receipt
from backend.cli.terminal import Terminal, coins
from backend.domain.spec import DatasetFacts, JobSpec
from backend.errors import Invalid, Unrecoverable
from fl_nodes.protocol.wire import from_wire, to_wire

LOCAL_CHAINS = (31337, 31338, 1337)


@dataclass(frozen=True)
class Purse:
    """What an account holds, in wei, and the native wei that paying is expected to cost."""

    dml_wei: int
    native_wei: int
    gas_wei: int


class Market(Protocol):
    """The customer's own dealings with the market chain."""

    def purse(self, address: str) -> Purse:
        """What the account holds."""

    def pay(self, account: LocalAccount, payment: dict[str, Any]) -> str:
        """Open the job in escrow with a permit; the confirmed transaction's hash."""


def quote(
    api: Api, facts: DatasetFacts, spec: dict[str, Any], deadline_s: int | None, email: str | None
) -> dict[str, Any]:
    """Ask for a price; returns ticket, payment and quote."""
    body = {"dataset": to_wire(facts), "spec": spec, "deadline_seconds": deadline_s, "email": email}
    return api.post("/api/quotes", body)


def tell_quote(offer: dict[str, Any], terminal: Terminal) -> None:
    """Print the price and its parts, each with how it comes about."""
    quoted = offer["quote"]
    terminal.say(f"Price: {coins(int(quoted['fee_wei']))} = {quoted['formula']['fee']}.")
    for part in ("data", "compute"):
        terminal.say(f"  {part:8}{coins(int(quoted[f'{part}_wei']))}: {quoted['formula'][part]}.")


def check_offer(
    offer: dict[str, Any], config: dict[str, Any], facts: DatasetFacts, asked: dict[str, Any]
) -> None:
    """Hold what the API wants paid against what was asked for, so that the
    payment commits to it and nothing else."""
    payment, spec = offer["payment"], offer["ticket"]["spec"]
    escrow = config["market"]["contracts"]["JobEscrow"]["address"]
    agreed = {
        "dataset hash": _bare(payment["dataset_hash"]) == facts.sha256,
        "specification": all(spec.get(name) == value for name, value in asked.items()),
        "specification hash": from_wire(JobSpec, spec).hash() == _bare(payment["spec_hash"]),
        "escrow": payment["escrow"].lower() == escrow.lower(),
        "chain": payment["chain_id"] == config["market"]["chain_id"],
        "fee": int(payment["fee_wei"]) == int(offer["quote"]["fee_wei"]),
    }
    for what, agrees in agreed.items():
        if not agrees:
            raise Unrecoverable(
                "offer.mismatch",
                f"The API's offer has another {what} than what was asked for; nothing was paid.",
            )


def check_purse(purse: Purse, fee_wei: int, address: str, chain_id: int) -> None:
    """Invalid `wallet.short` when the account cannot pay fee and gas; nothing was sent."""
    lacks = []
    if purse.dml_wei < fee_wei:
        lacks.append(f"{coins(fee_wei - purse.dml_wei)} for the fee")
    if purse.native_wei < purse.gas_wei:
        lacks.append(f"{coins(purse.gas_wei - purse.native_wei, 'native coin')} for gas")
    if lacks:
        hint = f"; get some with `ecodml faucet {address}`" if chain_id in LOCAL_CHAINS else ""
        raise Invalid("wallet.short", f"{address} lacks {' and '.join(lacks)}{hint}. Nothing was paid.")


def buy(
    api: Api,
    market: Market,
    account: LocalAccount,
    offer: dict[str, Any],
    rpc_url: str,
    file: Path,
    tell: Callable[[str], None],
) -> Receipt:
    """Pay for an offer. The receipt is on disk before the transaction leaves."""
    payment = offer["payment"]
    receipt = Receipt(
        ticket=offer["ticket"]["id"],
        api=api.url,
        rpc_url=rpc_url,
        chain_id=payment["chain_id"],
        escrow=payment["escrow"],
        token=payment["token"],
        job_id=payment["job_id"],
        ref=payment["ref"],
        customer=account.address,
        fee_wei=int(payment["fee_wei"]),
        deadline=payment["deadline"],
        dataset_sha256=_bare(payment["dataset_hash"]),
        file=str(file.resolve()),
    )
    path = save_receipt(receipt)
    tell(f"Paying {coins(receipt.fee_wei)} into escrow; the receipt is {path}.")
    paid = replace(receipt, transaction=market.pay(account, payment))
    save_receipt(paid)
    tell(f"Paid in transaction {paid.transaction}.")
    return paid


def _bare(hex_digest: str) -> str:
    return hex_digest.lower().removeprefix("0x")
