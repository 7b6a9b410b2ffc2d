"""Windows of a node's process: what goes to whom, what is on record, what a node says of itself."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from eth_account import Account as Keys

from fl_nodes.meter.account import RESERVED, WAITING, Account, Use, account_of
from fl_nodes.meter.book import EnergyBook
from fl_nodes.meter.choice import windows_of_process
from fl_nodes.meter.nvml import NvmlCounter
from fl_nodes.meter.port import CONSTANT, MEASURED, Count
from fl_nodes.meter.process import Moment
from fl_nodes.meter.rapl import RaplMark
from fl_nodes.meter.reserve import ReservedCores, ReservedPackages
from fl_nodes.meter.signing import MeteredAccount
from fl_nodes.meter.windows import Windows, metered
from fl_nodes.protocol.node_energy import NodeEnergy
from fl_nodes.signatures import sign_text, signed_by

TRAIN = Account(Use.JOB, "train", "0xa", 1)


@dataclass
class Hand:
    """A counter turned by hand."""

    joules: float = 0.0
    kind: str = MEASURED
    band_ppm: int = 100_000
    method: str = "by hand"

    def mark(self) -> float:
        return self.joules

    def between(self, begin: float, end: float) -> Count:
        return Count(end - begin, self.kind, self.band_ppm, self.method, 0.0)


def drawn(book: EnergyBook) -> dict[Account, int]:
    """Whole joules by account."""
    found: dict[Account, int] = {}
    for entry in book.entries():
        found[entry.account] = found.get(entry.account, 0) + entry.nanojoules // 10**9
    return found


def test_window__steps_and_signatures_inside__take_their_own_part_of_it(tmp_path: Path) -> None:
    hand, book = Hand(), EnergyBook(tmp_path / "e.sqlite")
    windows = Windows((hand,), book=book)
    hand.joules += 1
    with windows.window(TRAIN):
        hand.joules += 2
        with windows.step("setup"):
            hand.joules += 4
            with windows.chain("signature"):
                hand.joules += 8
        hand.joules += 16
    hand.joules += 32
    windows.record()
    assert drawn(book) == {
        WAITING: 33,
        TRAIN: 18,
        Account(Use.JOB, "setup", "0xa", 1): 4,
        Account(Use.CHAIN, "signature", "0xa", 1): 8,
    }


def test_window__another_thread_at_work__shares_evenly(tmp_path: Path) -> None:
    hand, book = Hand(), EnergyBook(tmp_path / "e.sqlite")
    windows = Windows((hand,), book=book)
    begun, over = threading.Event(), threading.Event()

    def other() -> None:
        with windows.window(Account(Use.JOB, "score", "0xb")):
            begun.set()
            over.wait(30)

    thread = threading.Thread(target=other)
    with windows.window(TRAIN):
        thread.start()
        assert begun.wait(30)
        hand.joules += 10
    over.set()
    thread.join()
    assert drawn(book) == {TRAIN: 5, Account(Use.JOB, "score", "0xb"): 5}


def test_window__work_that_fails__is_closed_and_counted(tmp_path: Path) -> None:
    hand, book = Hand(), EnergyBook(tmp_path / "e.sqlite")
    windows = Windows((hand,), book=book)

    def work(_: object) -> None:
        hand.joules += 3
        raise RuntimeError

    with pytest.raises(RuntimeError):
        metered(windows, lambda _: TRAIN, work)(None)
    hand.joules += 1
    windows.record()
    assert drawn(book) == {TRAIN: 3, WAITING: 1}


def test_count_also__gpu_found_later__counts_from_then(tmp_path: Path) -> None:
    early, gpu, book = Hand(), Hand(5.0, method="gpu"), EnergyBook(tmp_path / "e.sqlite")
    windows = Windows((early,), book=book)
    windows.count_also(gpu)
    gpu.joules += 7
    windows.record()
    assert [(e.source.method, e.nanojoules) for e in book.entries()] == [("gpu", 7 * 10**9)]


def test_announced__mixed_classes__is_of_the_weakest_with_bands_by_energy(tmp_path: Path) -> None:
    work, idle = Hand(), Hand(kind=CONSTANT, band_ppm=1_000_000)
    book, now = EnergyBook(tmp_path / "e.sqlite"), [0]
    windows = Windows((work,), (idle,), book, lambda: now[0], lambda: "1970-01-03")
    assert book.announced() is None
    with windows.window(TRAIN):
        work.joules, idle.joules, now[0] = 3.0, 1.0, 4 * 10**9
    now[0] += 2 * 10**9
    windows.record()
    assert book.announced() == NodeEnergy(3000, 1000, 0, 4, 2, 0, "constant", 325_000, 48)


@pytest.mark.parametrize("lie", [{"idle_millijoules": -1}, {"kind": "guessed"}, {"band_ppm": 2**63}])
def test_node_energy__what_cannot_be_totals__is_refused(lie: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        NodeEnergy(**{**NodeEnergy(1, 1, 1, 1, 1, 1, "modelled", 1, 1).__dict__, **lie})


def test_account_of__tasks__work_is_the_jobs_and_signing_off_is_the_chains() -> None:
    assert account_of("train", {"job_id": "0xa", "round": 1}) == TRAIN
    assert account_of("validate", {"job_id": "0xa", "round": 2}) == Account(Use.JOB, "score", "0xa", 2)
    assert account_of("benchmark", {"parts": [{"job_id": "benchmark/0xP/1"}]}) == Account(
        Use.JOB, "benchmark", "benchmark/0xP/1"
    )
    assert account_of("sign_verdict", {"job_id": "0xa"}) == Account(Use.CHAIN, "verdict", "0xa")
    assert account_of("reveal", {"round": "x", "parts": [7]}) == Account(Use.JOB, "reveal")


def test_metered_account__signs_as_the_key_does__and_books_it_as_chain_work(tmp_path: Path) -> None:
    key, hand, book = Keys.create(), Hand(), EnergyBook(tmp_path / "e.sqlite")
    windows = Windows((hand,), book=book)
    account = MeteredAccount(key, windows)
    with windows.window(TRAIN):
        signature = sign_text(account, "a commitment")
    assert signed_by(key.address, "a commitment", signature)
    assert [a for _, a, n in book.times() if n and a.use is Use.CHAIN] == [
        Account(Use.CHAIN, "signature", "0xa", 1)
    ]


def test_reserved_cores__busy_ones__are_not_idle_too() -> None:
    counter = ReservedCores(share=0.5, cores=4, idle_core_watts=2.0)
    idle = counter.between(Moment(0, 0, None), Moment(10, 5, None))
    assert (idle.joules, idle.kind) == (30.0, CONSTANT)
    assert counter.between(Moment(0, 0, None), Moment(10, 50, None)).joules == 0


def test_reserved_packages__the_nodes_part__is_without_what_its_process_used() -> None:
    class Rapl:
        def share(self, begin: RaplMark, end: RaplMark) -> float:
            return 0.2

        def machine_joules(self, begin: RaplMark, end: RaplMark) -> float:
            return 100.0

    begin, end = RaplMark(Moment(0, 0, 0), ()), RaplMark(Moment(1, 1, 1), ())
    idle = ReservedPackages(0.5, Rapl()).between(begin, end)  # type: ignore[arg-type]
    assert (idle.joules, idle.kind) == (pytest.approx(30.0), MEASURED)
    assert ReservedPackages(0.1, Rapl()).between(begin, end).joules == 0  # type: ignore[arg-type]


def test_nvml__counter_set_to_zero__counts_on_from_there() -> None:
    energy = {"gpu": 5_000}
    nvml = SimpleNamespace(nvmlDeviceGetTotalEnergyConsumption=energy.get)
    counter = NvmlCounter(nvml, ("gpu",))
    begin = counter.mark()
    energy["gpu"] = 7_500
    assert counter.between(begin, counter.mark()).joules == 2.5
    energy["gpu"] = 1_000
    assert counter.between(begin, counter.mark()).joules == 1.0


def test_windows_of_process__this_machine__work_and_reserve_are_on_record(tmp_path: Path) -> None:
    book = EnergyBook(tmp_path / "new" / "e.sqlite")
    windows = windows_of_process(1.0, book)
    with windows.window(TRAIN):
        sum(range(300_000))
    found = {e.account for e in book.entries()}
    assert {TRAIN, RESERVED} <= found
    assert sum(e.nanojoules for e in book.entries()) == sum(n for n, _ in book.node().values()) > 0


def test_run__until_stopped__records_what_is_left(tmp_path: Path) -> None:
    hand, book, stop = Hand(), EnergyBook(tmp_path / "e.sqlite"), threading.Event()
    windows = Windows((hand,), book=book)
    hand.joules += 2
    stop.set()
    windows.run(stop)
    assert drawn(book) == {WAITING: 2}


def test_add__place_that_cannot_be_written__loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    hand = Hand()
    blocked = EnergyBook(tmp_path / "file" / "e.sqlite")
    windows = Windows((hand,), book=blocked)
    hand.joules += 2
    windows.record()
    (tmp_path / "file").unlink()
    windows.record()
    assert drawn(blocked) == {WAITING: 2}


def test_cut__parts_of_a_nanojoule__are_carried_on(tmp_path: Path) -> None:
    hand, book = Hand(), EnergyBook(tmp_path / "e.sqlite")
    windows = Windows((hand,), book=book)
    for _ in range(1_000):
        hand.joules += 0.4e-9
        windows.cut()
    windows.record()
    assert sum(e.nanojoules for e in book.entries()) == 400
