"""Green certificates on the carbon chain, through web3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from web3 import Web3

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.past import newest_event
from backend.adapters.chain.sender import Sender
from backend.domain.green_proof import CertificateOnChain, GreenStatement, KeptCertificate, SealedJobs
from backend.errors import NotFound
from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.signing import bytes32

CONTRACT = "GreenCertificate"
LEDGER = "EnergyLedger"
VOID = 3
"""`Standing.Void` of IEnergyLedger."""


class Web3Certificates:
    """`ports.Certificates`. Without a `sender` it can only be read."""

    def __init__(self, connection: Connection, sender: Sender | None = None) -> None:
        self._connection = connection
        self._sender = sender
        self._contract = connection.contract(CONTRACT)
        self._ledger = connection.contract(LEDGER)

    def sealed(self, index: int) -> SealedJobs:
        """As the port says."""
        first_block = self._connection.network[LEDGER].block
        with self._connection.use():
            kind = self._ledger.events.EpochSealed()
            found = newest_event(self._connection, kind, first_block, {"index": index})
            if found is None:
                raise NotFound("ledger.no_epoch", f"The energy ledger has no epoch {index}.")
            final = bool(self._ledger.functions.isFinal(index).call())
            void = int(self._ledger.functions.standing(index).call()) == VOID
        return SealedJobs(index, tuple(_summary(said) for said in found["args"]["jobs"]), final, void)

    def certify(self, statement: GreenStatement) -> str:
        """As the port says."""
        if self._sender is None:
            raise TypeError("a reader sends nothing")
        job, proof = statement.summary.job, statement.proof

        def done() -> str | None:
            kept = self.find(job)
            return kept.tx if kept is not None and kept.bound <= proof.bound else None

        with self._connection.use():
            call = self._contract.functions.certify(
                _words(statement.summary),
                statement.epoch,
                [bytes32(sibling) for sibling in statement.path],
                proof.bound,
                proof.factors,
                proof.size,
                list(proof.points),
            )
            return self._sender.send(call, done)

    def find(self, job_id: str) -> KeptCertificate | None:
        """As the port says."""
        job = bytes32(job_id)
        with self._connection.use():
            kept = self._contract.functions.certificateOf(job).call()
            if not kept.certifiedAt:
                return None
            first_block = self._connection.network[CONTRACT].block
            brought = newest_event(
                self._connection, self._contract.events.Certified(), first_block, {"job": job}
            )
        return KeptCertificate(
            job_id,
            int(kept.bound),
            int(kept.epochIndex),
            int(kept.size),
            int(kept.certifiedAt),
            int(brought["args"]["factors"]) if brought else 0,
            Web3.to_hex(brought["transactionHash"]) if brought else "",
        )

    def about(self, job_id: str) -> CertificateOnChain | None:
        """As the port says."""
        kept = self.find(job_id)
        if kept is None:
            return None
        return CertificateOnChain(kept, self.sealed(kept.epoch), self.summary_in(kept), self.proves(kept))

    def summary_in(self, kept: KeptCertificate) -> JobSummary:
        """The job's summary as the certificate's transaction has it."""
        with self._connection.use():
            return _summary(self._said(kept)["summary"])

    def proves(self, kept: KeptCertificate) -> bool:
        """Whether the verifier says so again, about the proof in the transaction that brought the certificate and its bound."""
        with self._connection.use():
            said = self._said(kept)
            if (said["bound"], said["factors"]) != (kept.bound, kept.factors):
                return False
            verifier = self._verifier(said["size"])
            commitment = int.from_bytes(said["summary"]["commitment"])
            return bool(verifier(said["bound"], commitment, said["factors"], said["proof"]))

    def _said(self, kept: KeptCertificate) -> dict[str, Any]:
        with self._connection.use() as web3:
            data = web3.eth.get_transaction(kept.tx)["input"]  # type: ignore[arg-type]
        said: dict[str, Any] = self._contract.decode_function_input(data)[1]
        return said

    def _verifier(self, size: int) -> Callable[..., Any]:
        address = self._contract.functions.verifierOf(size).call()
        with self._connection.use() as web3:
            contract = web3.eth.contract(address=address, abi=VERIFY_ABI)
        return lambda *arguments: contract.functions.verify(*arguments).call()


VERIFY_ABI = [
    {
        "type": "function",
        "name": "verify",
        "stateMutability": "view",
        "inputs": [
            {"name": "bound", "type": "uint256"},
            {"name": "commitment", "type": "uint256"},
            {"name": "factors", "type": "uint256"},
            {"name": "proof", "type": "uint256[8]"},
        ],
        "outputs": [{"name": "", "type": "bool"}],
    }
]


def _summary(said: Any) -> JobSummary:
    return JobSummary(
        "0x" + bytes(said["job"]).hex(),
        int(said["readings"]),
        int(said["millijoules"]),
        int(said["micrograms"]),
        "0x" + bytes(said["commitment"]).hex(),
    )


def _words(of: JobSummary) -> tuple[Any, ...]:
    return (bytes32(of.job), of.readings, of.millijoules, of.micrograms, bytes32(of.commitment))
