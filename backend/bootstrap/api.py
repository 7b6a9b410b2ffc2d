"""The API process."""

from __future__ import annotations

import json
import time

from backend.adapters.chain.job_events import Web3JobEvents
from backend.adapters.chain.job_history import MarketPast
from backend.adapters.chain.purses import Web3Purses
from backend.adapters.passwords import Argon2Passwords
from backend.adapters.queue import RedisQueue
from backend.adapters.signatures import EthSignatures
from backend.adapters.storage.folder import FolderObjects
from backend.adapters.storage.gcs import GcsObjects
from backend.api.parts import ApiParts
from backend.bootstrap import chains
from backend.bootstrap.heartbeat import beat, heartbeats
from backend.bootstrap.in_turn import in_turn
from backend.bootstrap.stores import open_stores, outgoing_mail, read
from backend.config import Settings


def api(settings: Settings) -> ApiParts:
    """Parts of the API process."""
    stores = open_stores(settings)
    deployments = chains.deployed(settings, stores.cursors)
    carbon = chains.carbon(settings, deployments)
    queue = RedisQueue(settings.queue_url, settings.mongodb_database) if settings.queue_url else None
    beat(stores.processes, ("api",), lambda: False)
    return ApiParts(
        settings=settings,
        clock=time.time,
        tickets=stores.tickets,
        effects=stores.effects,
        tasks=stores.tasks,
        nodes=stores.nodes,
        machines=stores.machines,
        rating_steps=stores.rating_steps,
        seats=stores.seats,
        purses=Web3Purses(deployments, settings.market_rpc_url),
        objects=stores.objects,
        served_objects=stores.objects if isinstance(stores.objects, FolderObjects) else None,
        sessions=stores.sessions,
        users=stores.users,
        passwords=Argon2Passwords(),
        signatures=EthSignatures(),
        market=chains.market(settings, deployments),
        publications=carbon.publications,
        ledger=carbon.ledger,
        chain_figures=chains.chain_figures(settings),
        credits=carbon.credits,
        job_events=Web3JobEvents(
            deployments, settings.market_rpc_url, settings.carbon_rpc_url, settings.confirmations
        ),
        certificates=carbon.certificates,
        read_job=MarketPast(deployments.market, settings.market_rpc_url).read,
        deployments=json.loads(read(settings.deployments_file)),
        workers=json.loads(read(settings.workers_file)),
        faucet=in_turn(chains.faucet(settings, deployments), stores.tickets, "faucet"),
        secret=stores.secret,
        intensities=chains.intensities(settings),
        heartbeats=lambda: heartbeats(stores.processes),
        queue=queue.manager if queue else None,
        probes={
            **chains.probes(settings, deployments, stores.cursors),
            "mail": outgoing_mail(settings).probe,
            **({"queue": queue.probe} if queue else {}),
            **({"object storage": stores.objects.probe} if isinstance(stores.objects, GcsObjects) else {}),
        },
    )
