"""`ecodml node run`: serve as trainer or validator until stopped."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from fl_nodes import logs
from fl_nodes.adversary import Adversary, load_adversary
from fl_nodes.cli.home import FORECAST_FOLDER, Home
from fl_nodes.connection import Connection, Introduction, Market
from fl_nodes.meter.account import Account, account_of
from fl_nodes.meter.book import FILE, EnergyBook
from fl_nodes.meter.choice import choose, windows_of_process
from fl_nodes.meter.signing import MeteredAccount
from fl_nodes.meter.windows import Windows, metered
from fl_nodes.objects import ObjectStore
from fl_nodes.power.choice import power_control
from fl_nodes.power.control import PowerControl
from fl_nodes.power.left_behind import LeftBehind
from fl_nodes.process import hardware, hardware_class, serve
from fl_nodes.protocol.ledger_epoch import Member
from fl_nodes.protocol.tasks import Role, TaskKind
from fl_nodes.rest import Rest
from fl_nodes.session import Call, Handler, Session
from fl_nodes.training import determinism
from fl_nodes.work.own_claims import OwnClaims
from fl_nodes.work.seal import SealWork, StakesAt

if TYPE_CHECKING:
    from fl_nodes.work.train import TrainerWork

BOOKING_SECONDS = 5.0

log = structlog.get_logger()


def run(options: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT."""
    home = Home(options.home)
    identity = home.identity()
    adversary = load_adversary(options.adversary) if options.adversary else Adversary()
    logs.set_up(as_json=options.json)
    book = EnergyBook(home.work(FILE))
    windows = windows_of_process(options.machine_share, book)
    account = MeteredAccount(home.key(), windows)
    determinism.prepare(options.threads)
    role = Role(identity.role)
    power = power_control(with_gpu=bool(determinism.gpus())) if role is Role.TRAINER else None
    introduction = Introduction(
        account=account,
        role=role,
        name=identity.name,
        provider=identity.provider,
        hardware=hardware(determinism.gpus()) | _settable(power),
        framework=determinism.framework(),
        environment=determinism.environment(),
        zone=options.zone,
        forecast=_site_forecast(home, options.site),
        energy=book.announced,
    )
    market = Market(identity.chain_id, identity.escrow)
    connection = Connection(options.api or identity.api_url, introduction, market)
    stakes = stakes_from(options.api or identity.api_url, options.rpc)
    handlers, released = handlers_of(home, introduction, market, windows, stakes, adversary, power)
    counted = {kind: metered(windows, _account, work) for kind, work in handlers.items()}
    stop = threading.Event()
    booking = threading.Thread(target=windows.run, args=(stop,), name="energy", daemon=True)
    booking.start()
    session = Session(connection, counted, released)
    connection.on_rest = Rest(options.rest_command, lambda: session.is_idle).hinted
    serve(session)
    stop.set()
    booking.join(timeout=BOOKING_SECONDS)
    return 0


def handlers_of(
    home: Home,
    who: Introduction,
    market: Market,
    windows: Windows,
    stakes: StakesAt,
    adversary: Adversary | None = None,
    power: PowerControl | None = None,
) -> tuple[dict[TaskKind, Handler], Callable[[str], None]]:
    """What a node of this role does of each kind of task, and what it drops when a job has ended. TensorFlow is prepared."""
    training = _training(home, who, market, adversary or Adversary(), windows, power)
    return (_trainer if who.role is Role.TRAINER else _validator)(home, training, stakes)


def _site_forecast(home: Home, file: Path | None) -> Callable[[], dict[str, Any]]:
    """What the node announces of its site; nothing where it describes none."""
    if file is None:
        return dict
    from fl_nodes.forecast.site import load_site
    from fl_nodes.forecast.supply import SiteForecast

    site = SiteForecast(load_site(file), home.work(FORECAST_FOLDER), time.time)
    log.info("site.supply", method=site.now().method, watts=site.now().watts[0])
    return site.announced


def _settable(power: PowerControl | None) -> dict[str, Any]:
    """How the machine's power can be set, as part of what it is; nothing where it cannot."""
    return {"power": power.announced} if power and power.announced else {}


def _account(call: Call) -> Account:
    return account_of(call.kind.value, call.payload)


def _training(
    home: Home,
    who: Introduction,
    market: Market,
    adversary: Adversary,
    windows: Windows,
    power: PowerControl | None,
) -> TrainerWork:
    from fl_nodes.work.checkpoints import CheckpointFolder
    from fl_nodes.work.model_files import ModelFiles
    from fl_nodes.work.train import TrainerWork

    meter, gpu = choose(with_gpu=bool(determinism.gpus()))
    if gpu:
        windows.count_also(gpu)
    return TrainerWork(
        who=who,
        market=lambda: market,
        files=ModelFiles(ObjectStore(home.work("cache"))),
        folder=CheckpointFolder(home.work("checkpoints")),
        meter=meter,
        adversary=adversary,
        environment=who.environment,
        gpu_use_ppm=gpu.use_ppm if gpu else lambda: 0,
        windows=windows,
        claims=_claims(home),
        power=power or PowerControl(None, LeftBehind()),
    )


def stakes_from(api_url: str, rpc: str | None) -> StakesAt:
    """The market chain's stake, where the market says or at `rpc`; connected to when it is asked for, which is seldom."""

    def at(block: int) -> tuple[str, tuple[Member, ...]]:
        from fl_nodes.cli.market import Market as MarketChain
        from fl_nodes.cli.market import configuration

        configured = configuration(api_url)
        chain = MarketChain(configured | {"market": configured["market"] | ({"rpc_url": rpc} if rpc else {})})
        chain.check()
        return chain.stakes(block)

    return at


def _every_node(home: Home, work: TrainerWork, stakes: StakesAt) -> dict[TaskKind, Handler]:
    """What trainers and validators do alike: benchmarks, and their part in the energy ledger."""
    from fl_nodes.work.benchmark import BenchmarkWork

    benchmark = BenchmarkWork(work, hardware_class(work.who.hardware))
    ledger = SealWork(work.who, work.market, ObjectStore(home.work("cache")), _claims(home), stakes)
    return {
        TaskKind.BENCHMARK: benchmark.run,
        TaskKind.REVEAL: work.reveal,
        TaskKind.SEAL_EPOCH: ledger.seal,
        TaskKind.SIGN_CHECKPOINT: ledger.checkpoint,
    }


def _claims(home: Home) -> OwnClaims:
    return OwnClaims(home.work("claims"))


def _trainer(
    home: Home, work: TrainerWork, stakes: StakesAt
) -> tuple[dict[TaskKind, Handler], Callable[[str], None]]:
    return _every_node(home, work, stakes) | {TaskKind.TRAIN: work.train}, work.folder.release


def _validator(
    home: Home, work: TrainerWork, stakes: StakesAt
) -> tuple[dict[TaskKind, Handler], Callable[[str], None]]:
    from fl_nodes.work.own_reports import OwnReports
    from fl_nodes.work.sign import VerdictWork
    from fl_nodes.work.validate import ValidatorWork

    reports = OwnReports(home.work("reports"))
    validator = ValidatorWork(work.who, work.market, work.files, reports, work.who.environment, work.windows)
    judge = VerdictWork(work.who, work.market, work.files.objects, reports)
    handlers = {TaskKind.VALIDATE: validator.validate, TaskKind.SIGN_VERDICT: judge.sign}
    return handlers | _every_node(home, work, stakes), reports.release
