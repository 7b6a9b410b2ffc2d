"""Each command: from its options to the parts it works with, and what it prints."""

from __future__ import annotations

import argparse
from getpass import getpass
from pathlib import Path

from eth_account.signers.local import LocalAccount

from backend import config as settings
from backend.cli import doctor as doctor_report
from backend.cli import energy as energy_report
from backend.cli import faucet as faucet_request
from backend.cli import fetch as fetch_files
from backend.cli import intensity as grid_intensity
from backend.cli import reclaim as reclaim_fee
from backend.cli import specification
from backend.cli import ticket as ticket_report
from backend.cli.client import Api, SignedOut
from backend.cli.diagnosis import diagnosed
from backend.cli.follow import Pace, until_ended
from backend.cli.home import known_sessions, load_receipt, session_token
from backend.cli.installed import installed
from backend.cli.running import running
from backend.cli.signin import sign_in
from backend.cli.terminal import Terminal
from backend.cli.train import Order, World
from backend.cli.train import resume as resume_ticket
from backend.cli.train import train as train_file
from backend.cli.wallet import create_keystore, keystore_address, open_wallet
from backend.domain.ticket import Status
from backend.errors import NotFound
from fl_nodes.protocol.wire import to_wire


def train(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml train`."""
    from backend.cli.dataset import facts_of, prepared
    from backend.cli.market import Market

    if options.resume:
        return _resume(options, terminal)
    spec = specification.chosen(options)
    file = prepared(options.file)
    facts = facts_of(file, options.target)
    terminal.say(f"{facts.name}: {facts.rows} rows, {facts.columns} columns, {len(facts.classes)} classes.")
    api = _api(options)
    order = Order(
        file, facts, spec, options.deadline, options.email, options.wait, options.reuse, options.retrain
    )
    config = api.get("/api/config")
    world = World(api, config, Market.from_config(config), _account(options), terminal, Pace())
    return train_file(order, world)


def _resume(options: argparse.Namespace, terminal: Terminal) -> int:
    from backend.cli.dataset import prepared
    from backend.cli.market import Market

    receipt = load_receipt(options.resume)
    api = Api(options.api or receipt.api)
    config = api.get("/api/config")
    world = World(api, config, Market.from_config(config), _account(options), terminal, Pace())
    return resume_ticket(receipt, prepared(options.file), options.wait, world)


def ticket(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml ticket`: exit status 1 for one that was refunded or refused."""
    api = _signed_in(options, options.id)
    found = api.get(f"/api/tickets/{options.id}")["ticket"]
    if options.wait:
        found = until_ended(api, options.id, found["deadline"], terminal, Pace())
    terminal.finish({"ticket": found}, ticket_report.lines(found))
    return 1 if options.wait and found["status"] != Status.SETTLED else 0


def fetch(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml fetch`."""
    fetched = fetch_files.fetch(_signed_in(options, options.id), options.id, options.dir, terminal)
    terminal.finish({"ticket": options.id, "files": fetched}, fetch_files.lines(fetched))
    return 0


def reclaim(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml reclaim`."""
    from backend.cli.market import Market

    receipt = load_receipt(options.receipt)
    taken = reclaim_fee.reclaim(Market.from_receipt(receipt), _account(options), receipt)
    terminal.finish(taken, reclaim_fee.lines(taken))
    return 0


def audit(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml audit`: exit status 1 when anything does not follow."""
    from backend.cli import audit as job_audit

    what = job_audit.subject(
        options.job,
        lambda ticket_id: _signed_in(options, ticket_id).get(f"/api/tickets/{ticket_id}")["ticket"],
    )
    where = job_audit.market(options.deployments, options.rpc, lambda: _api(options).get("/api/config"))
    files = job_audit.Files(options.spec, options.model, options.verdict, options.rounds)
    audited = job_audit.audit_job(what, where, files, terminal)
    terminal.finish(job_audit.document(audited), job_audit.lines(audited))
    return 0 if audited.ok else 1


def ledger(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml ledger`: exit status 1 when anything does not follow."""
    from backend.cli import ledger as energy_ledger

    api = _api(options)
    if options.verb == "audit":
        where = energy_ledger.networks(
            options.deployments, lambda: api.get("/api/config"), options.rpc, options.carbon_rpc
        )
        history, findings = energy_ledger.audited(where, None if options.deployments else api)
        terminal.finish(
            energy_ledger.audit_document(history, findings), energy_ledger.audit_lines(history, findings)
        )
        return 0 if energy_ledger.is_fine(findings) else 1
    if options.verb == "prove":
        proof = energy_ledger.prove(api, options.what)
        terminal.finish(proof, energy_ledger.proof_lines(proof))
        return 0 if proof["stands"] else 1
    if options.verb == "show":
        found = energy_ledger.epoch(api, options.index)
        terminal.finish(found, energy_ledger.epoch_lines(found))
        return 0
    newest = energy_ledger.epochs(api)
    terminal.finish(newest, energy_ledger.list_lines(newest))
    return 0


def evidence(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml evidence`."""
    from backend.cli import evidence as job_evidence

    api = _api(options)
    sign_in(api, _account(options), api.get("/api/config")["market"]["chain_id"])
    fetched = job_evidence.fetch(api, options.job, options.dir, terminal)
    terminal.finish({"job_id": options.job, "bundles": fetched}, job_evidence.lines(fetched))
    return 0


def certificate(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml certificate`: exit status 1 when there is none, or `verify` finds anything that is not so."""
    from backend.cli import certificate as green

    job = green.job_id(options.job)
    if options.what == "show":
        said = _api(options).get(f"/api/jobs/{job}/certificate")
        terminal.finish(said, green.show(said))
        return 1 if said["certificate"]["refusal"] else 0
    chain = green.reader(options.deployments, options.rpc, lambda: _api(options).get("/api/config"))
    published = None
    if options.deployments is None:
        published = _api(options).get(f"/api/jobs/{job}/certificate")["certificate"]["mg_per_kwh"]
    kept, checks = green.verify(job, chain, published)
    terminal.finish(green.document(job, kept, checks), green.lines(kept, checks))
    return 0 if all(check.ok for check in checks) else 1


def energy(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml energy`."""
    found = energy_report.check(options.file)
    terminal.finish(found, energy_report.lines(found))
    return 0 if found["follows"] else 1


def faucet(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml faucet`."""
    given = faucet_request.drip(_api(options), options.address)
    terminal.finish(given, faucet_request.lines(given))
    return 0


def intensity(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml intensity`."""
    heard = grid_intensity.ask(_api(options), options.zone, options.hours)
    terminal.finish(heard, grid_intensity.lines(heard))
    return 0


def eco_credits(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml credits list|show|retire`."""
    from backend.adapters.chain.credits import credits_on
    from backend.cli import credits as eco

    told = _api(options).get("/api/config")["carbon"]
    books = credits_on({**told, "rpc_url": options.rpc or told["rpc_url"]})
    if options.action == "show":
        shown = to_wire(books.certificate(options.certificate))
        terminal.finish({"certificate": shown}, [eco.certificate_line(shown)])
    elif options.action == "list":
        document = eco.listed(books, options.account or _account(options).address)
        terminal.finish(document, eco.lines(document))
    else:
        account = _account(options)
        said = eco.texts(options.beneficiary, options.reason)
        what = eco.chosen(books, account.address, options.zone, options.vintage, options.amount)
        retired = to_wire(books.retire(*what, *said, account))
        terminal.finish({"certificate": retired}, [eco.certificate_line(retired)])
    return 0


def wallet(options: argparse.Namespace, terminal: Terminal) -> int:
    """`ecodml wallet`."""
    exists = options.file.exists()
    address = keystore_address(options.file) if exists else create_keystore(options.file, getpass).address
    terminal.finish(
        {"address": address, "keystore": str(options.file), "created": not exists},
        [f"{address} in {options.file}"],
    )
    return 0


def doctor(options: argparse.Namespace, terminal: Terminal, root: Path) -> int:
    """`ecodml doctor`: exit status 1 when anything is missing, down or in the way."""
    if options.person:
        checks = diagnosed(options.person, _api(options), options.node_home)
    else:
        checks = [*installed(root), *running(settings.load(), _api(options))]
    terminal.finish(doctor_report.document(checks), doctor_report.lines(checks))
    return 0 if all(check.ok for check in checks) else 1


def _api(options: argparse.Namespace) -> Api:
    return Api(options.api or settings.load().api_url)


def _account(options: argparse.Namespace) -> LocalAccount:
    return open_wallet(options.keystore, options.private_key_env)


def _signed_in(options: argparse.Namespace, ticket_id: str) -> Api:
    """An API with a session that may see the ticket: a saved one, else one signed for by the wallet."""
    api = _api(options)
    try:
        receipt = load_receipt(ticket_id)
    except NotFound:
        tokens = known_sessions(api.url)
    else:
        api = Api(options.api or receipt.api)
        saved = session_token(api.url, receipt.customer)
        tokens = [saved] if saved else []
    if options.keystore is None and options.private_key_env is None and tokens:
        api.token = tokens[-1]
        try:
            api.get(f"/api/tickets/{ticket_id}")
        except SignedOut:
            api.token = None
        else:
            return api
    sign_in(api, _account(options), api.get("/api/config")["market"]["chain_id"])
    return api
