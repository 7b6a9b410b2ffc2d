"""The dispatcher process: jobs, benchmarks, the energy ledger's epochs, letters."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from backend.adapters.chain.deployments import Deployments
from backend.adapters.chain.stakes import Web3Stakes
from backend.adapters.signatures import EthSignatures
from backend.api.links import link_token
from backend.api.mail_tokens import letter_link
from backend.bootstrap import chains
from backend.bootstrap.heartbeat import beat, this_process
from backend.bootstrap.lead import Lead
from backend.bootstrap.stores import Stores, open_stores, outgoing_mail
from backend.bootstrap.watched import show
from backend.config import Settings
from backend.dispatch.benchmark import BenchmarkParts
from backend.dispatch.credit_papers import CreditPapers
from backend.dispatch.deadlines import Patience
from backend.dispatch.dispatcher import Dispatcher
from backend.dispatch.epoch_commitments import committing
from backend.dispatch.epoch_papers import in_turn
from backend.dispatch.job import JobParts
from backend.dispatch.ledger_keeper import KeeperParts, LedgerKeeper
from backend.dispatch.rater import Rater, RaterParts
from backend.domain.rating import Reference
from backend.errors import EcoError
from backend.notification.notifier import Notifier

log = structlog.get_logger()

SECONDS_PER_DAY = 86_400


def dispatcher(settings: Settings, stop: Callable[[], bool]) -> None:
    """Run the dispatcher and the notifier until `stop()`."""
    stores = open_stores(settings)
    deployments = chains.deployed(settings, stores.cursors)
    parts = JobParts(
        tickets=stores.tickets,
        tasks=stores.tasks,
        nodes=stores.nodes,
        objects=stores.objects,
        signatures=EthSignatures(),
        market=chains.market(settings, deployments),
        clock=time.time,
        secret=stores.secret,
        patience=Patience(settings.round_floor_seconds, settings.round_seconds, settings.round_patience),
        absence_seconds=settings.absence_seconds,
        intensities=chains.intensities(settings),
    )
    owner = this_process()
    notifier = Notifier(
        stores.tickets,
        stores.effects,
        stores.objects,
        outgoing_mail(settings),
        lambda ticket_id: _ticket_page(settings, stores.secret, ticket_id),
        settings.link_days,
        lambda asked: letter_link(stores.users, stores.secret, time.time, settings.api_url, asked),
    )
    rater = Rater(_rater_parts(settings, stores, parts), owner)
    beat(stores.processes, ("dispatcher", "notifier"), stop)
    show(settings, {"database": lambda: stores.tickets.find(limit=1)})
    threading.Thread(target=rater.run, args=(stop,), daemon=True, name="rater").start()
    keeper = LedgerKeeper(_keeper_parts(settings, deployments, stores, parts), owner)
    threading.Thread(target=keeper.run, args=(stop,), daemon=True, name="ledger keeper").start()
    # Two that write the same letter send it twice.
    lead = Lead(stores.tickets, "notifier", owner)
    lead.run(stop)
    threading.Thread(
        target=_notify, args=(notifier, stores, lead, stop), daemon=True, name="notifier"
    ).start()
    Dispatcher(parts, stores.effects, owner, settings.lease_seconds, policy=settings.scheduler).run(stop)


def _keeper_parts(
    settings: Settings, deployments: Deployments, stores: Stores, parts: JobParts
) -> KeeperParts:
    return KeeperParts(
        tickets=stores.tickets,
        effects=stores.effects,
        nodes=stores.nodes,
        tasks=stores.tasks,
        objects=stores.objects,
        signatures=parts.signatures,
        ledger=chains.carbon(settings, deployments).ledger,
        stakes=Web3Stakes(deployments.market, settings.market_rpc_url, settings.confirmations),
        market=(parts.market.chain_id, parts.market.escrow_address),
        clock=time.time,
        epoch_seconds=settings.epoch_seconds,
        extras=in_turn(
            CreditPapers(stores.objects, chains.chain_figures(settings)), committing(stores.secret)
        ),
    )


def _rater_parts(settings: Settings, stores: Stores, parts: JobParts) -> RaterParts:
    return RaterParts(
        benchmarks=BenchmarkParts(
            tasks=parts.tasks,
            nodes=parts.nodes,
            objects=parts.objects,
            signatures=parts.signatures,
            market=parts.market,
            clock=parts.clock,
            secret=parts.secret,
        ),
        tickets=stores.tickets,
        effects=stores.effects,
        reference=Reference(settings.benchmark_reference_seconds, settings.benchmark_reference_joules),
        on_chain=settings.rater_key_file is not None,
        at_once=settings.benchmarks_at_once,
        period_seconds=settings.benchmark_days * SECONDS_PER_DAY,
    )


def _ticket_page(settings: Settings, secret: bytes, ticket_id: str) -> str:
    token = link_token(secret, ticket_id, int(time.time() + settings.link_days * SECONDS_PER_DAY))
    return f"{settings.api_url}/tickets/{ticket_id}?token={token}"


def _notify(notifier: Notifier, stores: Stores, lead: Lead, stop: Callable[[], bool]) -> None:
    while not stop():
        try:
            notifier.run_once(lead)
        except EcoError as error:
            log.warning("notifier.postponed", code=error.code, message=error.message)
        stores.effects.wait(1.0)
    lead.step_down()
