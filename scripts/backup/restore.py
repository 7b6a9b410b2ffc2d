"""Restoring: everything is checked before anything is written, and the database comes last."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from backend.adapters import mongo
from backend.adapters.chain.deployments import load_deployments
from backend.adapters.mongo.dump import clear, documents, load
from backend.errors import Conflict, EcoError, Invalid, Recoverable, Unrecoverable
from scripts.backup import archive
from scripts.backup.places import CHAINS, Places
from scripts.backup.save import Say

_CHANGED = ("chain.reset", "chain.wrong")


def restore(places: Places, source: Path, force: bool, say: Say) -> dict[str, Any]:
    """Put a backup back; what was put where. With `force` over what is there.

    Conflict `backup.running`, `backup.not_empty`, `backup.other_chain`; Invalid `backup.unreadable`, `backup.damaged`.
    """
    places.refuse_while_running()
    with archive.reading(source) as (folder, manifest), places.database() as database:
        say("every file has its hash")
        chains = {chain: _wanted(places, chain, folder, manifest["chains"][chain], force) for chain in CHAINS}
        if not force:
            _refuse_unless_empty(places, database, folder)
        clear(database)
        say("the objects")
        objects = _objects(places, folder)
        for chain, wanted in chains.items():
            if wanted:
                say(f"the {chain} chain")
                _put(folder / "chains" / f"{chain}.json", places.state_file(chain))
        deployments = folder / "deployments.json"
        if deployments.exists():
            _put(deployments, places.settings.deployments_file)
        _keys(places, folder, manifest)
        say("the database")
        loaded = load(database, folder / "database")
        if loaded != manifest["database"]:
            raise Unrecoverable(
                "backup.database", "The database holds another number of documents than it held."
            )
        return {
            "restored": str(source),
            "made_at": manifest["made_at"],
            "database": loaded,
            "objects": objects,
            "chains": chains,
            "keys_missing": _missing(places),
        }


def _wanted(places: Places, chain: str, folder: Path, facts: dict[str, Any], force: bool) -> bool:
    """Whether a chain's state is to be put back. A chain that answers is the truth: it must be the same one, and is left alone."""
    file = folder / "deployments.json"
    if not file.exists():
        raise Invalid("backup.unreadable", "The backup holds no deployments.json.")
    connection = places.connection(chain, load_deployments(file))
    try:
        identity = connection.identity()
        with connection.use() as web3:
            block = int(web3.eth.block_number)
    except EcoError as error:
        if error.code in _CHANGED:
            raise Conflict(
                "backup.other_chain", f"The {chain} chain is not the backup's: {error.message}"
            ) from error
        if not facts["kept"]:
            raise Recoverable(
                "backup.chain", f"The {chain} chain is not in the backup and must answer: {error.message}"
            ) from error
        if places.stack is None:
            sentence = (
                f"The {chain} chain was a local one: restore into a local stack with --state, or start it."
            )
            raise Conflict("backup.chain", sentence) from error
        if places.state_file(chain).exists() and not force:
            raise _not_empty(str(places.state_file(chain))) from error
        return True
    if facts["identity"] not in (None, identity) or block < (facts["block"] or 0):
        raise Conflict(
            "backup.other_chain",
            f"The {chain} chain that answers at {connection.rpc_url} is another one than the backup's, or an older state of it.",
        )
    return False


def _refuse_unless_empty(places: Places, database: mongo.Database, folder: Path) -> None:
    if documents(database):
        raise _not_empty(f"the database {places.settings.mongodb_database}")
    if places.objects is not None and next(places.objects.keys(), None) is not None:
        raise _not_empty(str(places.settings.state_dir / "objects"))
    own, other = folder / "deployments.json", places.settings.deployments_file
    if other.exists() and json.loads(own.read_text()) != json.loads(other.read_text()):
        raise _not_empty(str(other))


def _not_empty(what: str) -> Conflict:
    return Conflict(
        "backup.not_empty", f"{what} holds something else already: --force replaces it, and it is lost."
    )


def _objects(places: Places, folder: Path) -> int:
    if places.objects is None or not (folder / "objects.json").exists():
        return 0
    index: dict[str, str] = json.loads((folder / "objects.json").read_text())
    shutil.rmtree(places.settings.state_dir / "objects", ignore_errors=True)
    store = places.objects  # makes the folder anew
    for key, content in index.items():
        store.put_blocks(key, archive.blocks(folder / "objects" / content))
    return len(index)


def _keys(places: Places, folder: Path, manifest: dict[str, Any]) -> None:
    """What the backup holds of secrets, to where they were; never over a key that is there."""
    for name in manifest["keys"]:
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise Invalid("backup.damaged", f"The backup names a key outside its place: {name}.")
        kept: Path | None = (
            places.settings.state_dir / name if "/" in name else getattr(places.settings, name, None)
        )
        if kept is not None and not kept.exists():
            _put(folder / "keys" / name, kept)
            kept.chmod(0o600)


def _missing(places: Places) -> list[str]:
    """Key files that the servers will not start without."""
    wanted = ("operator_key_file", "server_secret_file", "workers_file")
    return [
        str(getattr(places.settings, name)) for name in wanted if not getattr(places.settings, name).exists()
    ]


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    shutil.copyfile(source, unfinished)
    unfinished.replace(target)
