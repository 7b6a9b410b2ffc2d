"""A job in the middle of its life is backed up, all is deleted and restored, and the job ends with its money where it belongs."""

from __future__ import annotations

import gzip
import json
import shutil
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from web3 import HTTPProvider, Web3

from backend import config
from backend.adapters import mongo
from backend.adapters.chain.carbon import Web3Carbon
from backend.adapters.chain.market import Web3Market
from backend.domain.ticket import Status
from backend.errors import Conflict, Invalid, Recoverable
from backend.settlement.mirror import Mirror
from backend.settlement.settler import Settler
from scripts.backup import archive
from scripts.backup.__main__ import main
from scripts.backup.places import Places
from scripts.backup.restore import restore
from scripts.backup.save import save
from scripts.stack.config import Ports, StackConfig
from tests.integration.chain.conftest import Stage
from tests.integration.chain.market_office import Office
from tests.support.chains import ChainWorld, anvil, chain_world
from tests.support.jobs import FEE_WEI, settle_verdict

CONTENT = b"of a dataset"


class KeptOffice(Office):
    """An office whose papers are in a database."""

    database: mongo.Database

    def __post_init__(self) -> None:
        self.late = 0.0

    def kept_in(self, database: mongo.Database) -> KeptOffice:
        self.tickets = mongo.MongoTickets(database, self.clock)
        self.tickets.effects = mongo.MongoEffects(database, self.clock)
        self.nodes, self.cursors = mongo.MongoNodes(database), mongo.MongoCursors(database)
        self.mirror = Mirror(
            self.stage.market, self.tickets, self.nodes, self.cursors, self.tickets.effects, self.clock
        )
        self.settler = Settler(self.stage.market, self.stage.carbon, self.tickets, self.tickets.effects)
        return self


@dataclass
class Site:
    """A local installation: a stack's folder, whose two chains are one here."""

    state: Path
    world: ChainWorld

    @property
    def places(self) -> Places:
        chain = int(self.world.rpc_url.rpartition(":")[2])
        ports = replace(Ports.free(), market=chain, carbon=chain)
        stack = StackConfig(state=self.state, ports=ports)
        return Places(config.load(stack.settings()), stack)

    def office(self, database: mongo.Database) -> KeptOffice:
        deployments, key = self.world.deployments, self.world.key("operator")
        market = Web3Market(deployments, self.world.rpc_url, key, 1)
        carbon = Web3Carbon(deployments, self.world.rpc_url, key, 1)
        return KeptOffice(Stage(self.world, market, carbon)).kept_in(database)

    def furnish(self) -> None:
        """What a deployment leaves behind."""
        keys = self.state / "keys"
        keys.mkdir(parents=True)
        (self.state / "deployments.json").write_text(json.dumps(self.world.document))
        for name in ("operator.json", "server-secret", "workers.json"):
            (keys / name).write_text(f"secret of {name}")

    @contextmanager
    def again(self) -> Iterator[None]:
        """The chain anew, from the state that was put back."""
        with anvil("--load-state", str(self.state / "market" / "state.json")) as url:
            self.world = replace(self.world, rpc_url=url, web3=Web3(HTTPProvider(url)))
            yield


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> tuple[ChainWorld, Path]:
    """A chain as it was deployed, and a file of its state."""
    file = tmp_path_factory.mktemp("deployed") / "state.json"
    with chain_world() as world:
        file.write_bytes(gzip.decompress(bytes.fromhex(world.rpc("anvil_dumpState")[2:])))
    return world, file


@pytest.fixture
def running(tmp_path: Path, deployed: tuple[ChainWorld, Path]) -> Iterator[tuple[Site, ExitStack]]:
    """A site, and what ends its chain."""
    world, state = deployed
    with ExitStack() as chain:
        url = chain.enter_context(anvil("--load-state", str(state)))
        site = Site(tmp_path / "state", replace(world, rpc_url=url, web3=Web3(HTTPProvider(url))))
        site.furnish()
        yield site, chain


def read(places: Places, key: str) -> bytes:
    assert places.objects is not None
    with places.objects.open(key) as file:
        return file.read()


def quietly(_: str) -> None:
    """Say nothing."""


def test_backup__job_settled_between_database_and_chain__is_settled_once_after_the_restore(running, tmp_path):
    site, chain = running
    places, target = site.places, tmp_path / "backup.tar"
    with places.database() as database:
        office = site.office(database)
        ticket = office.running()
        places.objects.put("jobs/t_1/data", CONTENT)

        def meanwhile(said: str) -> None:
            if said == "the objects":
                office.judge(ticket, settle_verdict(office.stage.trainers))
                office.run()
                assert office.tickets.get("t_1").status == Status.SETTLED

        saved = save(places, target, with_keys=False, say=meanwhile)
    assert saved["chains"]["market"]["kept"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert saved["keys_left_out"] == ["keys/operator.json", "keys/server-secret", "keys/workers.json"]
    chain.close()
    shutil.rmtree(site.state)

    places = site.places
    told = restore(places, target, force=False, say=quietly)
    assert told["chains"] == {"market": True, "carbon": True}
    assert len(told["keys_missing"]) == 3
    assert read(places, "jobs/t_1/data") == CONTENT
    with site.again(), places.database() as database:
        office = site.office(database)
        assert office.tickets.get("t_1").status == Status.RUNNING
        office.run()
        ended = office.tickets.get("t_1")
        assert ended.status == Status.SETTLED
        token = site.world.contract("DMLToken").functions
        paid = [str(token.balanceOf(trainer).call()) for trainer in office.stage.trainers]
        assert sum(map(int, paid)) == FEE_WEI - FEE_WEI * 200 // 10_000
        assert office.audit() == set()


def test_backup__paid_job_and_nobody_left__is_refunded_after_the_restore(running, tmp_path):
    site, chain = running
    places, target = site.places, tmp_path / "backup"
    with places.database() as database:
        office = site.office(database)
        customer = office.drawing(seconds=100).customer
        save(places, target, with_keys=True, say=quietly)
    before = site.world.contract("DMLToken").functions.balanceOf(customer).call()
    chain.close()
    shutil.rmtree(site.state)

    places = site.places
    told = restore(places, target, force=False, say=quietly)
    assert told["keys_missing"] == []
    assert stat.S_IMODE((site.state / "keys" / "server-secret").stat().st_mode) == 0o600
    with site.again(), places.database() as database:
        office = site.office(database)
        office.pass_time(101)
        office.run()
        assert office.tickets.get("t_1").status == Status.REFUNDED
        assert site.world.contract("DMLToken").functions.balanceOf(customer).call() == before + FEE_WEI
        assert office.audit() == set()


def test_restore__over_something_or_onto_another_chain__refused_and_nothing_touched(running, tmp_path):
    site, chain = running
    places, target = site.places, tmp_path / "backup"
    with places.database() as database:
        mongo.MongoCursors(database).save("market", 7)
        places.objects.put("kept", CONTENT)
        saved = save(places, target, with_keys=False, say=quietly)
        with pytest.raises(Conflict, match=r"backup\.target"):
            save(places, target, with_keys=False, say=quietly)
        with pytest.raises(Conflict, match=r"backup\.not_empty"):
            restore(places, target, force=False, say=quietly)
        mongo.MongoCursors(database).save("market", 8)
        # The chain that answers is left alone, and what came later is gone from the database.
        assert restore(places, target, force=True, say=quietly)["chains"] == {
            "market": False,
            "carbon": False,
        }
        assert mongo.MongoCursors(database).load("market") == 7
        chain.close()
        with chain_world() as stranger:
            elsewhere = replace(
                places,
                settings=replace(
                    places.settings, market_rpc_url=stranger.rpc_url, carbon_rpc_url=stranger.rpc_url
                ),
            )
            with pytest.raises(Conflict, match=r"backup\.other_chain"):
                restore(elsewhere, target, force=True, say=quietly)
        public = json.loads((target / "manifest.json").read_text())
        assert public["chains"]["market"]["identity"] == saved["chains"]["market"]["identity"]
        assert mongo.MongoCursors(database).load("market") == 7
    assert read(places, "kept") == CONTENT


@pytest.mark.parametrize("harm", ["changed", "missing", "added", "no manifest", "no tar"])
def test_reading__backup_that_is_not_as_it_was_written__refused(tmp_path, harm):
    target = tmp_path / "backup"
    with archive.writing(target) as folder:
        (folder / "deployments.json").write_text("{}")
        archive.seal(folder, {})
    with archive.reading(target) as (_, manifest):
        assert set(manifest["files"]) == {"deployments.json"}
    victim = target / ("manifest.json" if harm == "no manifest" else "deployments.json")
    if harm == "changed":
        victim.write_text("[]")
    elif harm == "added":
        (target / "more").write_bytes(b"")
    elif harm == "no tar":
        target = tmp_path / "some.tar"
        target.write_bytes(CONTENT)
    else:
        victim.unlink()
    with pytest.raises(Invalid, match=r"backup\.(damaged|unreadable)"), archive.reading(target):
        pass


def test_save__chain_that_cannot_be_told__leaves_nothing_behind(running, tmp_path):
    site, chain = running
    places = site.places
    chain.close()
    with places.database(), pytest.raises(Recoverable, match=r"chain\.unreachable"):
        save(places, tmp_path / "to" / "backup", with_keys=False, say=quietly)
    assert list((tmp_path / "to").iterdir()) == []


def test_command__no_backup_there__one_sentence_as_json(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ECODML_MONGO_PORT", "1")
    assert main(["restore", str(tmp_path / "none"), "--state", str(tmp_path), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "backup.unreadable"
