"""Green certificates in memory."""

from __future__ import annotations

from eth_utils.crypto import keccak

from backend.domain.green_proof import CertificateOnChain, GreenStatement, KeptCertificate, SealedJobs
from backend.errors import Conflict, NotFound
from fl_nodes.protocol import keccak_tree
from fl_nodes.protocol.words import bytes32_word


class MemoryCertificates:
    """`ports.Certificates`. Epochs are put into `epochs`; a proof counts as valid when it is about the sealed commitment."""

    def __init__(self) -> None:
        self.epochs: dict[int, SealedJobs] = {}
        self.kept: dict[str, KeptCertificate] = {}

    def sealed(self, index: int) -> SealedJobs:
        """As the port says."""
        if index not in self.epochs:
            raise NotFound("ledger.no_epoch", f"The energy ledger has no epoch {index}.")
        return self.epochs[index]

    def certify(self, statement: GreenStatement) -> str:
        """As the port says."""
        job, proof = statement.summary.job, statement.proof
        kept = self.kept.get(job)
        if kept is not None and kept.bound <= proof.bound:
            return kept.tx
        if why := self._objection(statement):
            raise Conflict("chain.rejected", f"The carbon chain refused the certificate: {why}.")
        tx = f"0x{len(self.kept) + 1:064x}"
        self.kept[job] = KeptCertificate(job, proof.bound, statement.epoch, proof.size, 0, proof.factors, tx)
        return tx

    def find(self, job_id: str) -> KeptCertificate | None:
        """As the port says."""
        return self.kept.get(job_id)

    def about(self, job_id: str) -> CertificateOnChain | None:
        """As the port says."""
        kept = self.find(job_id)
        if kept is None:
            return None
        epoch = self.sealed(kept.epoch)
        return CertificateOnChain(kept, epoch, next(job for job in epoch.jobs if job.job == job_id), True)

    def _objection(self, statement: GreenStatement) -> str:
        epoch = self.sealed(statement.epoch)
        root = keccak_tree.root([job.leaf(keccak) for job in epoch.jobs], keccak)
        path = [bytes32_word(sibling) for sibling in statement.path]
        if not epoch.final:
            return "the epoch is not final"
        if not keccak_tree.stands_under(root, statement.summary.leaf(keccak), path, keccak):
            return "the job is not in the epoch"
        if statement.proof.commitment != int(statement.summary.commitment, 16):
            return "the proof is about other readings"
        return ""
