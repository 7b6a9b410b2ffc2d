"""A prover that works beside its caller: asked again and again, it answers when it is done."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from backend.domain.green_proof import GreenClaim, GreenProof
from backend.errors import NotYet
from backend.ports import Prover

WAIT_S = 0.5


class BackgroundProver:
    """`ports.Prover`, one proof at a time in a thread of its own: who settles jobs does not wait for a proof."""

    def __init__(self, prover: Prover) -> None:
        self._prover = prover
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="prover")
        self._running: dict[GreenClaim, Future[GreenProof]] = {}

    def prove(self, claim: GreenClaim) -> GreenProof:
        """As the port says; what went wrong is told once, and asked for again it is tried again."""
        if claim not in self._running:
            self._running[claim] = self._pool.submit(self._prover.prove, claim)
        running = self._running[claim]
        if not running.done():
            raise NotYet("certificate.proving", "The proof is being made.", WAIT_S)
        if running.exception() is not None:
            del self._running[claim]
        return running.result()
