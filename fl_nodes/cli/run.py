"""`ecodml node run`: serve the market as trainer or validator until stopped."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import structlog

from fl_nodes import logs
from fl_nodes.cli.home import Joined, NodeHome
from fl_nodes.connection import Connection, Introduction, Market
from fl_nodes.errors import Refused
from fl_nodes.process import hardware, serve
from fl_nodes.protocol.tasks import Role, TaskKind
from fl_nodes.session import Handler, Session
from fl_nodes.training import determinism

log = structlog.get_logger()


def run(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    home = NodeHome(options.home)
    joined = home.joined()
    account = home.key()
    if account.address != joined.key:
        raise Refused("node.key", f"The key in {home.folder} is not the one that joined: restore it, or join again.")
    logs.set_up(as_json=options.json)
    log.info("node.starting", name=joined.name, role=joined.role, provider=joined.provider, key=joined.key)
    determinism.prepare(options.threads)
    introduction = Introduction(
        account=account,
        role=Role(joined.role),
        name=joined.name,
        provider=joined.provider,
        hardware=hardware(determinism.gpus()),
        framework=determinism.framework(),
        environment=determinism.environment(),
        zone=options.zone,
        forecast={},
    )
    market = Market(joined.chain_id, joined.escrow)
    connection = Connection(options.api or joined.api, introduction, market)
    build = _trainer if joined.role == Role.TRAINER.value else _validator
    handlers, released = build(options, home, joined, introduction, market)
    serve(Session(connection, handlers, released))
    log.info("node.stopped", name=joined.name)


Parts = tuple[dict[TaskKind, Handler], Callable[[str], None]]


def _trainer(
    options: argparse.Namespace, home: NodeHome, joined: Joined, introduction: Introduction, market: Market
) -> Parts:
    from fl_nodes.adversary import Adversary, load_adversary
    from fl_nodes.meter.choice import choose
    from fl_nodes.objects import ObjectStore
    from fl_nodes.work.checkpoints import CheckpointFolder
    from fl_nodes.work.model_files import ModelFiles
    from fl_nodes.work.train import TrainerWork

    meter, gpu = choose(with_gpu=bool(determinism.gpus()))
    log.info("meter.chosen", method=meter.method)
    if options.adversary:
        log.warning("adversary.loaded", where=options.adversary)
    folder = CheckpointFolder(home.work / "checkpoints")
    work = TrainerWork(
        who=introduction,
        market=lambda: market,
        files=ModelFiles(ObjectStore(home.work / "data")),
        folder=folder,
        meter=meter,
        adversary=load_adversary(options.adversary) if options.adversary else Adversary(),
        environment=introduction.environment,
        gpu_use_ppm=gpu.use_ppm if gpu else lambda: 0,
    )
    return {TaskKind.TRAIN: work.train, TaskKind.REVEAL: work.reveal}, folder.release


def _validator(
    options: argparse.Namespace, home: NodeHome, joined: Joined, introduction: Introduction, market: Market
) -> Parts:
    from fl_nodes.objects import ObjectStore
    from fl_nodes.work.model_files import ModelFiles
    from fl_nodes.work.own_reports import OwnReports
    from fl_nodes.work.sign import VerdictWork
    from fl_nodes.work.validate import ValidatorWork

    if options.adversary:
        raise Refused("adversary.role", f"An adversary trains; {joined.name} is a validator.")
    objects = ObjectStore(home.work / "data")
    reports = OwnReports(home.work / "reports")
    validator = ValidatorWork(introduction, lambda: market, ModelFiles(objects), reports, introduction.environment)
    signer = VerdictWork(introduction, lambda: market, objects, reports)
    return {TaskKind.VALIDATE: validator.validate, TaskKind.SIGN_VERDICT: signer.sign}, reports.release
