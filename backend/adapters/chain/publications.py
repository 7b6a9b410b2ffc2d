"""Published trainings on the carbon chain, through web3."""

from __future__ import annotations

from typing import Any

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.past import newest_tx
from backend.adapters.chain.sender import Sender
from backend.domain.effects import Publish
from backend.domain.publication import Publication
from fl_nodes.protocol.signing import bytes32

CONTRACT = "Publications"


class Web3Publications:
    """`ports.Publications`, and the sending of new ones."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._contract = connection.contract(CONTRACT)

    def find(self, dataset_sha256: str, recipe_sha256: str) -> tuple[Publication, ...]:
        """Those of this recipe on this dataset, oldest first."""
        with self._connection.use():
            jobs = self._contract.functions.find(bytes32(dataset_sha256), bytes32(recipe_sha256)).call()
            return tuple(
                _publication(job, self._contract.functions.publicationOf(job).call()) for job in jobs
            )

    def publish(self, effect: Publish, sender: Sender) -> str:
        """List a training, once; the transaction's hash, also where it was done before."""
        job = bytes32(effect.job_id)

        def done() -> str | None:
            if not self._contract.functions.isPublished(job).call():
                return None
            first_block = self._connection.network[CONTRACT].block
            return newest_tx(self._connection, self._contract.events.Published(), first_block, {"job": job})

        with self._connection.use():
            call = self._contract.functions.publish(
                job,
                (
                    bytes32(effect.dataset_sha256),
                    bytes32(effect.recipe_sha256),
                    bytes32(effect.model_sha256),
                    bytes32(effect.metrics_sha256),
                    effect.millijoules,
                    effect.micrograms,
                    int(effect.fee_wei),
                ),
            )
            return sender.send(call, done)


def _publication(job: bytes, listed: Any) -> Publication:
    return Publication(
        job_id="0x" + bytes(job).hex(),
        dataset_sha256=bytes(listed.datasetHash).hex(),
        recipe_sha256=bytes(listed.recipeHash).hex(),
        model_sha256=bytes(listed.modelHash).hex(),
        metrics_sha256=bytes(listed.metricsHash).hex(),
        millijoules=int(listed.millijoules),
        micrograms=int(listed.micrograms),
        fee_wei=int(listed.feeWei),
    )
