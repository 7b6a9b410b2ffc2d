"""`ecodml ticket ID`: how a ticket stands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from backend.cli.follow import Ticket, outcome, round_line
from backend.cli.terminal import coins
from backend.domain.eco_text import carbon_lines, grams, joules
from backend.domain.forms_text import of_form
from backend.domain.units import privacy
from fl_nodes.protocol.pay import Pay, dml, told
from fl_nodes.protocol.wire import from_wire


def lines(ticket: Ticket) -> list[str]:
    """A ticket for a person."""
    facts = ticket["dataset"]
    told = [
        f"Ticket    {ticket['id']}",
        f"Status    {outcome(ticket)}",
        f"Dataset   {facts['name']}, {facts['rows']} rows, sha256 {facts['sha256']}",
        f"Fee       {coins(int(ticket['fee_wei']))}",
        f"Job       {ticket['job_id']}",
    ]
    told += _decided(ticket.get("decision"))
    told += [f"Trainer   {node}" for node in ticket["trainers"]]
    told += [f"Validator {node}" for node in ticket["validators"]]
    told += [round_line(record, ticket) for record in ticket["rounds"]]
    if ticket["privacy"]:
        told.append(f"Privacy   {privacy(ticket['privacy'])}")
    if ticket.get("carbon"):
        told += carbon_lines(ticket["carbon"])
    if chain := ticket.get("chain"):
        told.append(_chain(chain))
    told += [
        f"Predicts  {of_form(name, form['inference'])}, accuracy {form['accuracy']:.4f}"
        for name, form in (ticket["metrics"] or {}).get("variants", {}).items()
        if form.get("inference")
    ]
    if epoch := ticket.get("epoch"):
        told.append(f"Epoch     {epoch['index']} of the energy ledger, hash {epoch['hash']}")
    told += _certified(ticket.get("certificate"))
    told += [f"Alert     {alert['message']}" for alert in ticket.get("alerts", [])]
    told += _payments(ticket)
    told += [
        f"File      {name}, sha256 {stored['sha256']}"
        for name, stored in sorted((ticket["files"] or {}).items())
    ]
    return told


def pay_lines(pay: Pay) -> list[str]:
    """Who got how much and why, a line for each payee and one for each of its parts."""
    said = [
        f"Pay       {dml(pay.pot_wei)} by scheme {pay.scheme}, and {dml(pay.commission_wei)} of commission"
    ]
    for line in pay.lines:
        said.append(f"Share     {line.payee} {dml(line.amount_wei)}")
        said += [f"{'':12}{part}" for part in told(line)]
    return said


def _decided(decision: dict[str, Any] | None) -> list[str]:
    if decision is None:
        return []
    start = datetime.fromtimestamp(decision["start_at"], UTC).strftime("%Y-%m-%d %H:%M UTC")
    when = f"waits until {start}" if decision["waits"] else f"start {start}"
    return [
        f"Decided   policy {decision['policy']}, {when}",
        *(f"{'':10}{reason}" for reason in decision["reasons"]),
    ]


def _chain(chain: dict[str, Any]) -> str:
    sent = chain["market_transactions"] + chain["carbon_transactions"]
    return f"Chains    {joules(chain['millijoules'])} {chain['kind']}, {grams(chain['micrograms'])} CO2e for {sent} transactions"


def _certified(certificate: dict[str, Any] | None) -> list[str]:
    if certificate is None:
        return []
    if certificate["refusal"]:
        return [f"Certified no: {certificate['refusal']['message']}"]
    bound, of = certificate["bound"], certificate["of"]
    return [f"Certified at most {bound} µgCO2e, its {of}; transaction {certificate['tx']}"]


def _payments(ticket: dict[str, Any]) -> list[str]:
    verdict = ticket["verdict"]
    paid = []
    if ticket.get("pay"):
        paid = pay_lines(from_wire(Pay, ticket["pay"]))
    elif verdict and verdict["outcome"] == "settle":
        amounts = zip(verdict["payees"], verdict["amounts_wei"], strict=True)
        paid = [f"Share     {payee} {coins(int(wei))}" for payee, wei in amounts]
    taken = [
        f"Slashed   {node} {coins(int(wei), 'native coin')}"
        for node, wei in (ticket["slashed"] or {}).items()
    ]
    return paid + taken
