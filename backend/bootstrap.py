"""The composition root: the only place that sees every adapter. Each function builds one process from settings."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from backend.adapters import mongo
from backend.adapters.background_prover import BackgroundProver
from backend.adapters.chain.carbon import Web3Carbon, no_contents
from backend.adapters.chain.credits import Contents
from backend.adapters.chain.deployments import Deployments, load_deployments
from backend.adapters.chain.faucet import Faucet
from backend.adapters.chain.job_events import Web3JobEvents
from backend.adapters.chain.job_history import MarketPast
from backend.adapters.chain.market import Web3Market
from backend.adapters.chain.purses import Web3Purses
from backend.adapters.chain.rater import Web3Rater
from backend.adapters.chain.stakes import Web3Stakes
from backend.adapters.intensity import (
    ElectricityMaps,
    HourlyFiles,
    PreferredIntensities,
    Source,
    YearlyFactors,
)
from backend.adapters.mail.smtp import SmtpMail
from backend.adapters.passwords import Argon2Passwords
from backend.adapters.prover import SnarkjsProver
from backend.adapters.signatures import EthSignatures
from backend.adapters.storage.folder import FolderObjects
from backend.api.links import link_token
from backend.api.mail_tokens import letter_link
from backend.api.parts import ApiParts
from backend.config import Settings
from backend.dispatch.benchmark import BenchmarkParts
from backend.dispatch.credit_papers import CreditPapers
from backend.dispatch.deadlines import Patience
from backend.dispatch.dispatcher import Dispatcher
from backend.dispatch.epoch_commitments import committing
from backend.dispatch.epoch_papers import epoch_papers, in_turn
from backend.dispatch.job import JobParts
from backend.dispatch.ledger_keeper import KeeperParts, LedgerKeeper
from backend.dispatch.rater import Rater, RaterParts
from backend.domain.rating import Reference
from backend.energy.chain_energy import ChainFigures, figures
from backend.errors import EcoError, Unrecoverable
from backend.notification.notifier import Notifier
from backend.settlement.certifier import CertifierParts
from backend.settlement.process import SettlerParts
from fl_nodes.protocol.ledger_epoch import EpochContent

log = structlog.get_logger()

HEARTBEAT_SECONDS = 2.0
SECONDS_PER_DAY = 86_400
PROCESSES = ("dispatcher", "settler", "notifier")


@dataclass(frozen=True)
class Stores:
    """Everything that is kept, on the real database and the real object storage."""

    tickets: mongo.MongoTickets
    effects: mongo.MongoEffects
    tasks: mongo.MongoTasks
    nodes: mongo.MongoNodes
    machines: mongo.MongoMachines
    rating_steps: mongo.MongoRatingSteps
    cursors: mongo.MongoCursors
    sessions: mongo.MongoSessions
    users: mongo.MongoUsers
    objects: FolderObjects
    secret: bytes


def open_stores(settings: Settings) -> Stores:
    """Connect to database and object storage."""
    secret = bytes.fromhex(_read(settings.server_secret_file).strip())
    database = mongo.connect(settings.mongodb_uri, settings.mongodb_database)
    return Stores(
        tickets=mongo.MongoTickets(database, time.time),
        effects=mongo.MongoEffects(database, time.time),
        tasks=mongo.MongoTasks(database, time.time),
        nodes=mongo.MongoNodes(database),
        machines=mongo.MongoMachines(database),
        rating_steps=mongo.MongoRatingSteps(database),
        cursors=mongo.MongoCursors(database),
        sessions=mongo.MongoSessions(database),
        users=mongo.MongoUsers(database),
        objects=FolderObjects(settings.state_dir / "objects", settings.api_url, secret, time.time),
        secret=secret,
    )


def api(settings: Settings) -> ApiParts:
    """Parts of the API process."""
    stores = open_stores(settings)
    deployments = load_deployments(settings.deployments_file)
    carbon = _carbon(settings, deployments)
    return ApiParts(
        settings=settings,
        clock=time.time,
        tickets=stores.tickets,
        effects=stores.effects,
        tasks=stores.tasks,
        nodes=stores.nodes,
        machines=stores.machines,
        rating_steps=stores.rating_steps,
        purses=Web3Purses(deployments, settings.market_rpc_url),
        objects=stores.objects,
        sessions=stores.sessions,
        users=stores.users,
        passwords=Argon2Passwords(),
        signatures=EthSignatures(),
        market=_market(settings, deployments),
        publications=carbon.publications,
        ledger=carbon.ledger,
        chain_figures=_chain_figures(settings),
        credits=carbon.credits,
        job_events=Web3JobEvents(
            deployments, settings.market_rpc_url, settings.carbon_rpc_url, settings.confirmations
        ),
        certificates=carbon.certificates,
        read_job=MarketPast(deployments.market, settings.market_rpc_url).read,
        deployments=json.loads(_read(settings.deployments_file)),
        workers=json.loads(_read(settings.workers_file)),
        faucet=_faucet(settings, deployments),
        secret=stores.secret,
        intensities=intensities(settings),
        heartbeats=lambda: _heartbeats(stores.cursors),
        probes={
            "carbon chain": carbon.probe,
            "mail": SmtpMail(settings.smtp_url, settings.mail_from).probe,
        },
    )


def dispatcher(settings: Settings, stop: Callable[[], bool]) -> None:
    """Run the dispatcher and the notifier until `stop()`."""
    stores = open_stores(settings)
    parts = JobParts(
        tickets=stores.tickets,
        tasks=stores.tasks,
        nodes=stores.nodes,
        objects=stores.objects,
        signatures=EthSignatures(),
        market=_market(settings, load_deployments(settings.deployments_file)),
        clock=time.time,
        secret=stores.secret,
        patience=Patience(settings.round_floor_seconds, settings.round_seconds, settings.round_patience),
        absence_seconds=settings.absence_seconds,
        intensities=intensities(settings),
    )
    owner = f"{socket.gethostname()}/{os.getpid()}"
    notifier = Notifier(
        stores.tickets,
        stores.effects,
        stores.objects,
        SmtpMail(settings.smtp_url, settings.mail_from),
        lambda ticket_id: _ticket_page(settings, stores.secret, ticket_id),
        settings.link_days,
        lambda asked: letter_link(stores.users, stores.secret, time.time, settings.api_url, asked),
    )
    rater = Rater(_rater_parts(settings, stores, parts), owner)
    _beat(stores.cursors, ("dispatcher", "notifier"), stop)
    threading.Thread(target=rater.run, args=(stop,), daemon=True, name="rater").start()
    keeper = LedgerKeeper(_keeper_parts(settings, stores, parts), owner)
    threading.Thread(target=keeper.run, args=(stop,), daemon=True, name="ledger keeper").start()
    threading.Thread(target=_notify, args=(notifier, stores, stop), daemon=True, name="notifier").start()
    Dispatcher(parts, stores.effects, owner, settings.lease_seconds, policy=settings.scheduler).run(stop)


def settler(settings: Settings, stop: Callable[[], bool]) -> SettlerParts:
    """Parts of the settler process; its heartbeat runs until `stop()`."""
    stores = open_stores(settings)
    deployments = load_deployments(settings.deployments_file)
    _beat(stores.cursors, ("settler",), stop)

    def contents(index: int) -> EpochContent:
        return epoch_papers(carbon.ledger.epoch(index).terms, stores.objects).content

    carbon = _carbon(settings, deployments, contents)
    return SettlerParts(
        market=_market(settings, deployments),
        carbon=carbon,
        ledger=carbon.ledger,
        credits=carbon.credits,
        tickets=stores.tickets,
        effects=stores.effects,
        nodes=stores.nodes,
        cursors=stores.cursors,
        clock=time.time,
        rater=_rater(settings, deployments),
        certifier=_certifier(settings, stores, carbon),
        rating_steps=stores.rating_steps,
    )


def _certifier(settings: Settings, stores: Stores, carbon: Web3Carbon) -> CertifierParts | None:
    """Where the chain keeps certificates and there are circuits to prove with."""
    if carbon.certificates is None or settings.circuits_dir is None:
        return None
    return CertifierParts(
        certificates=carbon.certificates,
        prover=BackgroundProver(SnarkjsProver(settings.circuits_dir)),
        tickets=stores.tickets,
        effects=stores.effects,
        objects=stores.objects,
        secret=stores.secret,
    )


def intensities(settings: Settings) -> PreferredIntensities:
    """What grids emit: the API where a token is set, then the folder of hourly files, then countries' yearly averages."""
    token = settings.electricitymaps_token
    if settings.electricitymaps_token_file is not None:
        token = _read(settings.electricitymaps_token_file)
    sources: list[Source] = [YearlyFactors()]
    if settings.intensity_dir is not None:
        sources.insert(0, HourlyFiles(settings.intensity_dir))
    if token.strip():
        sources.insert(0, ElectricityMaps(token.strip(), time.time, settings.electricitymaps_url))
    return PreferredIntensities(sources)


def _chain_figures(settings: Settings) -> ChainFigures:
    return figures(settings.market_chain_energy, settings.carbon_chain_energy)


def _keeper_parts(settings: Settings, stores: Stores, parts: JobParts) -> KeeperParts:
    deployments = load_deployments(settings.deployments_file)
    return KeeperParts(
        tickets=stores.tickets,
        effects=stores.effects,
        nodes=stores.nodes,
        tasks=stores.tasks,
        objects=stores.objects,
        signatures=parts.signatures,
        ledger=_carbon(settings, deployments).ledger,
        stakes=Web3Stakes(deployments.market, settings.market_rpc_url, settings.confirmations),
        market=(parts.market.chain_id, parts.market.escrow_address),
        clock=time.time,
        epoch_seconds=settings.epoch_seconds,
        extras=in_turn(CreditPapers(stores.objects, _chain_figures(settings)), committing(stores.secret)),
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


def _rater(settings: Settings, deployments: Deployments) -> Web3Rater | None:
    if settings.rater_key_file is None:
        return None
    key = _private_key(settings.rater_key_file)
    return Web3Rater(deployments, settings.market_rpc_url, key, settings.confirmations)


def _market(settings: Settings, deployments: Deployments) -> Web3Market:
    key = _private_key(settings.operator_key_file)
    return Web3Market(deployments, settings.market_rpc_url, key, settings.confirmations)


def _carbon(settings: Settings, deployments: Deployments, contents: Contents = no_contents) -> Web3Carbon:
    key = _private_key(settings.operator_key_file)
    return Web3Carbon(deployments, settings.carbon_rpc_url, key, settings.confirmations, contents=contents)


def _faucet(settings: Settings, deployments: Deployments) -> Faucet | None:
    if settings.faucet_key_file is None:
        return None
    key = _private_key(settings.faucet_key_file)
    return Faucet(deployments, settings.market_rpc_url, key, settings.carbon_rpc_url)


def _ticket_page(settings: Settings, secret: bytes, ticket_id: str) -> str:
    token = link_token(secret, ticket_id, int(time.time() + settings.link_days * SECONDS_PER_DAY))
    return f"{settings.api_url}/tickets/{ticket_id}?token={token}"


def _notify(notifier: Notifier, stores: Stores, stop: Callable[[], bool]) -> None:
    while not stop():
        try:
            notifier.run_once()
        except EcoError as error:
            log.warning("notifier.postponed", code=error.code, message=error.message)
        stores.effects.wait(1.0)


def _beat(cursors: mongo.MongoCursors, names: tuple[str, ...], stop: Callable[[], bool]) -> None:
    def beat() -> None:
        pause = threading.Event()
        while not stop():
            try:
                for name in names:
                    cursors.save(f"heartbeat/{name}", int(time.time()))
            except EcoError as error:
                log.warning("heartbeat.missed", code=error.code)
            pause.wait(HEARTBEAT_SECONDS)

    threading.Thread(target=beat, daemon=True, name="heartbeat").start()


def _heartbeats(cursors: mongo.MongoCursors) -> dict[str, float]:
    return {name: float(cursors.load(f"heartbeat/{name}") or 0) for name in PROCESSES}


def _private_key(file: Path) -> str:
    document: dict[str, Any] = json.loads(_read(file))
    return str(document["private_key"])


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError as error:
        raise Unrecoverable(
            "settings.file", f"{file} cannot be read ({error.strerror}); start the stack with `make up`."
        ) from error
