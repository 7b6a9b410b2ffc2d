"""Saving, while everything runs: the database as it was at one moment, then the objects, the chains last (docs/adr/0031)."""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from backend.adapters import mongo
from backend.adapters.chain.deployments import Deployments
from backend.adapters.mongo.dump import dump
from backend.errors import EcoError, Invalid, NotFound, Recoverable
from scripts.backup import archive
from scripts.backup.places import CHAINS, Places
from scripts.stack.rpc import RpcError, rpc

Say = Callable[[str], None]


def save(places: Places, target: Path, with_keys: bool, say: Say) -> dict[str, Any]:
    """Write a backup; what is in it. Its own hash is `manifest_sha256`."""
    deployments = places.deployments
    if deployments is None:
        raise Invalid(
            "backup.deployments", f"{places.settings.deployments_file} is missing: is this the place?"
        )
    with archive.writing(target) as folder:
        for part in ("database", "objects", "chains", "keys"):
            (folder / part).mkdir()
        with places.database() as database:
            say("the database")
            kept = dump(database, folder / "database")
            identities = _identities(database)
        say("the objects")
        objects = _objects(places, folder)
        facts = {
            "made_at": int(time.time()),
            "database": kept,
            "objects": objects,
            "chains": {
                chain: _chain(places, chain, deployments, folder, identities[chain], say) for chain in CHAINS
            },
            "keys": _keys(places, folder) if with_keys else [],
            "keys_left_out": [] if with_keys else sorted(places.keys()),
        }
        shutil.copyfile(places.settings.deployments_file, folder / "deployments.json")
        return {"backup": str(target), **facts, "manifest_sha256": archive.seal(folder, facts)}


def _identities(database: mongo.Database) -> dict[str, int | None]:
    """Of the chains that this database has followed."""
    cursors = mongo.MongoCursors(database)
    return {chain: cursors.load(f"{chain}/identity") for chain in CHAINS}


def _objects(places: Places, folder: Path) -> dict[str, Any]:
    """Each content once, by its hash; what is replaced or deleted meanwhile is not what the database's moment needs."""
    store, index, size = places.objects, {}, 0
    if store is None:
        return {"count": 0, "bytes": 0, "not_copied": places.settings.objects}
    for key in sorted(store.keys()):
        try:
            stored = store.stat(key)
            if stored is None:
                continue
            file = folder / "objects" / stored.sha256
            if not file.exists():
                with store.open(key) as source, file.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
                size += stored.size
            if archive.sha256(file) != stored.sha256:
                raise Recoverable("backup.object", f"The bytes of object {key} do not have its hash.")
        except NotFound:
            continue
        index[key] = stored.sha256
    (folder / "objects.json").write_text(json.dumps(index, indent=1) + "\n")
    return {"count": len(index), "bytes": size}


def _chain(
    places: Places, chain: str, deployments: Deployments, folder: Path, followed: int | None, say: Say
) -> dict[str, Any]:
    """A local chain's state is kept; a public one is its own backup, of which only its identity is written down."""
    connection = places.connection(chain, deployments)
    facts: dict[str, Any] = {
        "chain_id": connection.network.chain_id,
        "identity": followed,
        "kept": False,
        "block": None,
    }
    target = folder / "chains" / f"{chain}.json"
    say(f"the {chain} chain")
    try:
        facts["identity"] = connection.identity()
        with connection.use() as web3:
            facts["block"] = int(web3.eth.block_number)
        state = rpc(connection.rpc_url, "anvil_dumpState")
    except (RpcError, requests.RequestException):
        say(f"the {chain} chain is not a local one: it is not copied")
        return facts
    except EcoError as error:
        stopped = places.state_file(chain)
        # Only of a chain that is stopped does the file say where it stands.
        if error.code != "chain.unreachable" or places.stack is None or not stopped.exists():
            raise
        shutil.copyfile(stopped, target)
    else:
        target.write_bytes(gzip.decompress(bytes.fromhex(state.removeprefix("0x"))))
    json.loads(target.read_bytes())
    return {**facts, "kept": True}


def _keys(places: Places, folder: Path) -> list[str]:
    found = places.keys()
    for name, file in found.items():
        copy = folder / "keys" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return sorted(found)
