"""`ecodml train FILE`: inspect, quote, pay, upload and follow, in the order in which a customer would."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount

from backend.cli.client import Api
from backend.cli.follow import Pace, Ticket, outcome, until_ended, until_funded
from backend.cli.home import Receipt
from backend.cli.purchase import Market, buy, check_offer, check_purse, quote, tell_quote
from backend.cli.reuse import take
from backend.cli.signin import sign_in
from backend.cli.terminal import Terminal
from backend.cli.upload import upload
from backend.domain.spec import DatasetFacts
from backend.domain.ticket import Status
from backend.errors import Invalid

Offer = dict[str, Any]


@dataclass(frozen=True)
class Order:
    """What a customer asks for: a file and its facts, the chosen part of the
    specification, deadline (s), mail address; `reuse` is the folder for a
    published result, which is taken before anything is paid unless `retrain`."""

    file: Path
    facts: DatasetFacts
    spec: dict[str, Any]
    deadline_s: int | None
    email: str | None
    wait: bool
    reuse: Path | None = None
    retrain: bool = False


@dataclass(frozen=True)
class World:
    """What the command works with."""

    api: Api
    config: dict[str, Any]
    market: Market
    account: LocalAccount
    terminal: Terminal
    pace: Pace


def train(order: Order, world: World) -> int:
    """The whole journey; returns the exit status (1 when the fee went back).
    Invalid before payment, nothing paid."""
    offer = asked(order, world)
    if offer.get("published") and not order.retrain:
        return take(offer["published"], order.reuse, world.api, world.terminal)
    receipt = pay_for(offer, order, world)
    ticket = hand_over(receipt, order.file, world)
    if order.wait:
        ticket = until_ended(world.api, receipt.ticket, receipt.deadline, world.terminal, world.pace)
    return report(ticket, receipt, order.wait, world.terminal)


def resume(receipt: Receipt, file: Path, wait: bool, world: World) -> int:
    """Take up a ticket that was paid and perhaps not uploaded."""
    sign_in(world.api, world.account, receipt.chain_id)
    ticket = hand_over(receipt, file, world)
    if wait:
        ticket = until_ended(world.api, receipt.ticket, receipt.deadline, world.terminal, world.pace)
    return report(ticket, receipt, wait, world.terminal)


def asked(order: Order, world: World) -> Offer:
    """Sign in and have it quoted."""
    sign_in(world.api, world.account, world.config["market"]["chain_id"])
    offer = quote(world.api, order.facts, order.spec, order.deadline_s, order.email)
    tell_quote(offer, world.terminal)
    return offer


def pay_for(offer: Offer, order: Order, world: World) -> Receipt:
    """Check and pay."""
    api, config, account = world.api, world.config, world.account
    chain_id = config["market"]["chain_id"]
    check_offer(offer, config, order.facts, order.spec)
    check_purse(
        world.market.purse(account.address), int(offer["payment"]["fee_wei"]), account.address, chain_id
    )
    return buy(api, world.market, account, offer, config["market"]["rpc_url"], order.file, world.terminal.say)


def hand_over(receipt: Receipt, file: Path, world: World) -> Ticket:
    """Upload the dataset once the payment has been seen. Data that does not fit
    the quote cancels the job: a full refund."""
    api, terminal, ticket_id = world.api, world.terminal, receipt.ticket
    ticket = until_funded(api, ticket_id, world.pace)
    if ticket["status"] != Status.FUNDED:
        return ticket
    terminal.say(f"Ticket {ticket_id} is funded; uploading {file.name}.")

    def url() -> str:
        return str(api.post(f"/api/tickets/{ticket_id}/upload")["url"])

    try:
        upload(
            api,
            url,
            file,
            lambda sent, size: terminal.progress(f"{sent:,} of {size:,} bytes"),
            world.pace.sleep,
        )
        terminal.progress_done()
        uploaded: Ticket = api.post(f"/api/tickets/{ticket_id}/uploaded")["ticket"]
    except Invalid as error:
        terminal.say(f"{error.message} [{error.code}] The job is cancelled and the fee goes back.")
        api.post(f"/api/tickets/{ticket_id}/cancel")
        return until_ended(api, ticket_id, receipt.deadline, terminal, world.pace)
    terminal.say(f"Uploaded {file.stat().st_size:,} bytes.")
    return uploaded


def report(ticket: Ticket, receipt: Receipt, waited: bool, terminal: Terminal) -> int:
    """Tell how it ended, or where to look; the exit status."""
    document: dict[str, Any] = {
        "ticket": ticket,
        "transaction": receipt.transaction,
        "job_id": receipt.job_id,
    }
    gone_wrong = ticket["refusal"] is not None
    if gone_wrong:
        document["error"] = ticket["refusal"]
    if waited or gone_wrong:
        terminal.finish(document, [outcome(ticket)])
    else:
        terminal.finish(document, [f"Ticket {ticket['id']}: follow it with `ecodml ticket {ticket['id']}`."])
    return 1 if gone_wrong or (waited and ticket["status"] != Status.SETTLED) else 0
