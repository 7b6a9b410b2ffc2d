"""A Flower client that stays connected: returns the parameters it was sent with a trivial change."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from flwr.client import NumPyClient, start_client

CHANGE = np.float32(1e-3)
PATIENCE_SECONDS = 30


class Trivial(NumPyClient):
    """One addition is all its training."""

    def fit(self, parameters: list[Any], config: dict[str, Any]) -> tuple[list[Any], int, dict[str, Any]]:
        """The parameters, a little moved."""
        return [p + CHANGE for p in parameters], 1, {}


def main() -> None:
    """Serve until the server has had enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    options = parser.parse_args()
    start_client(
        server_address=options.address,
        client=Trivial().to_client(),
        insecure=True,
        max_wait_time=PATIENCE_SECONDS,
    )


if __name__ == "__main__":
    main()
