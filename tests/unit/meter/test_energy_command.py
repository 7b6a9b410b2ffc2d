"""`ecodml node energy`: totals from the node's own folder."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from fl_nodes.cli.__main__ import main
from fl_nodes.cli.energy import book_transaction
from fl_nodes.cli.home import Home, Identity
from fl_nodes.meter.account import Account, Use
from fl_nodes.meter.book import FILE, EnergyBook
from fl_nodes.meter.windows import Booking, Source


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.save(Identity("alice", "trainer", "0xP", "0xK", "http://127.0.0.1:1", 31337, "0xE"))
    return made


def on_record(home: Home, day: str, use: Use, what: str, joules: int, job: str = "") -> None:
    account, booking = Account(use, what, job), Booking(nanojoules=joules * 10**9, nanoseconds=10**9)
    source = Source("constant", 1_000_000, "idle") if use is Use.IDLE else Source("modelled", 400_000, "CPU")
    booking.energy[account, source] = booking.nanojoules
    booking.time[account] = booking.nanoseconds
    EnergyBook(home.work(FILE)).add(day, booking)


def said(capsys: pytest.CaptureFixture[str], home: Home, *options: str) -> dict:
    assert main(["energy", "--home", str(home.folder), "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_energy__jobs_idle_and_chain__sum_to_the_node_by_day(home, capsys) -> None:
    on_record(home, "2030-01-01", Use.JOB, "train", 6, "0xAA")
    on_record(home, "2030-01-01", Use.IDLE, "waiting", 3)
    on_record(home, "2030-01-02", Use.CHAIN, "signature", 1, "0xaa")
    facts = said(capsys, home)
    assert [facts[use]["joules"] for use in ("job", "idle", "chain", "node")] == [6, 3, 1, 10]
    assert (facts["node"]["kind"], facts["node"]["band_ppm"]) == ("constant", 580_000)
    assert (facts["job"]["kind"], facts["job"]["band_ppm"]) == ("modelled", 400_000)
    assert facts["closes"] is True
    assert facts["days"]["2030-01-01"]["node"]["joules"] == 9
    assert facts["node"]["seconds"] == 3
    assert said(capsys, home, "0xAA")["chain"]["joules"] == 1
    assert main(["energy", "--home", str(home.folder)]) == 0
    assert "10.000 J constant ±58 % in 3 s" in capsys.readouterr().out


def test_energy__node_that_never_ran__is_nothing(home, capsys) -> None:
    facts = said(capsys, home)
    assert facts["node"]["joules"] == 0
    assert facts["days"] == {}


def test_book_transaction__a_command__is_chain_work_of_its_name(home, capsys) -> None:
    book_transaction(home, "withdraw", time.monotonic())
    facts = said(capsys, home)
    assert facts["chain"]["steps"]["withdraw"]["joules"] > 0
    assert facts["closes"] is True


def test_run__machine_share_out_of_bounds__is_refused(home) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--home", str(home.folder), "--machine-share", "1.5"])
