"""Flower's server: federated averaging over persistent clients; prints the seconds of each round as JSON.

A round is timed from inside the strategy, from `configure_fit` (the global model is about to go out) to the end of
`aggregate_fit`: the least that can be called a round, without Flower's own bookkeeping between rounds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

import numpy as np
from flwr.common import FitIns, FitRes, Parameters, Scalar, ndarrays_to_parameters
from flwr.server import ServerConfig, start_server
from flwr.server.client_manager import ClientManager
from flwr.server.client_proxy import ClientProxy
from flwr.server.strategy import FedAvg


class TimedFedAvg(FedAvg):
    """FedAvg that notes when each round starts and ends."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.seconds: list[float] = []
        self._began = 0.0

    def configure_fit(
        self, server_round: int, parameters: Parameters, client_manager: ClientManager
    ) -> list[tuple[ClientProxy, FitIns]]:
        """Start the clock."""
        self._began = time.perf_counter()
        return super().configure_fit(server_round, parameters, client_manager)

    def aggregate_fit(
        self, server_round: int, results: list[tuple[ClientProxy, FitRes]], failures: list[Any]
    ) -> tuple[Parameters | None, dict[str, Scalar]]:
        """Stop the clock; a failure ends the measurement."""
        if failures:
            raise SystemExit(f"Flower lost {len(failures)} clients in round {server_round}: {failures[0]}")
        done = super().aggregate_fit(server_round, results, failures)
        self.seconds.append(time.perf_counter() - self._began)
        return done


def main() -> None:
    """Serve the rounds, then print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--nodes", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--shapes", required=True, help="JSON list of the arrays' shapes")
    options = parser.parse_args()
    start = [np.zeros(shape, np.float32) for shape in json.loads(options.shapes)]
    everyone = {"min_fit_clients": options.nodes, "min_available_clients": options.nodes}
    strategy = TimedFedAvg(
        initial_parameters=ndarrays_to_parameters(start),
        fraction_fit=1.0,
        fraction_evaluate=0.0,
        min_evaluate_clients=0,
        **everyone,
    )
    start_server(
        server_address=options.address, config=ServerConfig(num_rounds=options.rounds), strategy=strategy
    )
    json.dump({"seconds": strategy.seconds}, sys.stdout)


if __name__ == "__main__":
    main()
