"""Which cells the bench has, in full and quick."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scripts.bench.learning import attacks, audits, calibration, tuning
from scripts.bench.learning.accuracy import Case, Settings, central, federated
from scripts.bench.learning.cells import Cell

SEEDS = (1, 2, 3)
ATTACK_SEEDS = (1, 2, 3, 4, 5)
MALICIOUS = (1, 2, 3, 4, 5)
HEAVY = 4
"""Of ten nodes: the share at which the model must keep its accuracy."""
NODE_COUNTS = (4, 10)
COSTLY = ("mnist", "cnn")
REMAINING = (0, 2, HEAVY)
UNCHECKED_SEEDS = (1,)
SIXTEEN_ROUNDS = {"lazy": 6, "none": 1}
"""Of ten nodes each, for each seed and mix; the attacks' cells hold thousands of honest node-rounds more."""
COST_REPLAYED = (1, 16)
OPTIMIZERS = ("sgd", "momentum", "adam")

SOURCE_MODELS = ("logistic", "mlp")
SOURCE_BATCHES = (32, 128)
SOURCE_RATE = 0.01
SOURCE_EPOCHS = 10


@dataclass(frozen=True)
class Plan:
    """Cells by part, in the order they are run."""

    accuracy: tuple[Cell, ...]
    source: tuple[Cell, ...]
    attacks: tuple[Cell, ...]
    remaining: tuple[Cell, ...]
    unchecked: tuple[Cell, ...]
    sixteen: tuple[Cell, ...]
    cost: tuple[Cell, ...]
    collusion: tuple[Cell, ...]
    calibration: tuple[Cell, ...]


def full() -> Plan:
    """Everything."""
    return Plan(
        accuracy=_distinct(cell for case in comparisons() for cell in compared(case, SEEDS)),
        source=tuple(source()),
        attacks=tuple(
            attacks.attacked(attack, malicious, scheme, seed)
            for seed in ATTACK_SEEDS
            for scheme in attacks.SCHEMES
            for attack in attacks.ATTACKS
            for malicious in MALICIOUS
            if attack != attacks.UNSEEN or (malicious, seed) == (HEAVY, ATTACK_SEEDS[0])
        ),
        remaining=tuple(
            attacks.remaining(malicious, scheme, seed, rows)
            for seed in ATTACK_SEEDS
            for scheme in attacks.SCHEMES
            for malicious in REMAINING
            for rows in (("lost", "dealt") if malicious else ("lost",))
        ),
        unchecked=tuple(
            attacks.unchecked(attack, HEAVY, scheme, seed)
            for seed in UNCHECKED_SEEDS
            for scheme in attacks.SCHEMES
            for attack in attacks.ATTACKS
        ),
        sixteen=tuple(
            audits.sixteen(attack, scheme, seed, rounds)
            for seed in ATTACK_SEEDS
            for scheme in attacks.SCHEMES
            for attack, rounds in SIXTEEN_ROUNDS.items()
        ),
        cost=tuple(
            audits.cost(model, replayed) for model in ("logistic", "mlp", "cnn") for replayed in COST_REPLAYED
        ),
        collusion=tuple(
            cell
            for seed in SEEDS
            for cell in (
                audits.collusion(seed),
                audits.covered(seed),
                audits.framing(seed),
            )
        ),
        calibration=tuple(
            calibration.calibration(model, optimizer, steps)
            for model in ("logistic", "mlp", "cnn")
            for optimizer in OPTIMIZERS
            for steps in (16, 64)
        ),
    )


def quick() -> Plan:
    """A few cells of most parts on digits, which need no file, in about a minute: that it runs, not what it finds."""
    case, short = Case("digits", "logistic", "iid", 4), {"passes": 2}
    alone: Settings = tuning.chosen(Case("digits", "logistic")) | short
    together: Settings = tuning.chosen(case) | {"rounds": 2, "local_epochs": 1}
    return Plan(
        accuracy=(central(Case("digits", "logistic"), alone, 1), federated(case, together, 1)),
        source=(),
        attacks=tuple(attacks.attacked(attack, 3, "iid", 1) for attack in ("sign flip", "copy")),
        remaining=(),
        unchecked=(),
        sixteen=(audits.sixteen("lazy", "iid", 1, 1),),
        cost=tuple(audits.cost("logistic", replayed, "digits") for replayed in COST_REPLAYED),
        collusion=(),
        calibration=(),
    )


def _distinct(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Each cell once: several cases share a central yardstick."""
    return tuple({cell.key: cell for cell in cells}.values())


def comparisons() -> list[Case]:
    """The federated cases, those that cost most last."""
    found = [
        Case(dataset, model, scheme, nodes)
        for dataset, models in tuning.MODELS.items()
        for model in models
        for scheme in ("iid", tuning.SKEW[dataset])
        for nodes in NODE_COUNTS
    ]
    return sorted(found, key=lambda case: (case.dataset, case.model) == COSTLY)


def compared(case: Case, seeds: tuple[int, ...]) -> list[Cell]:
    """A federated case and its central yardstick, with the settings that the search found."""
    alone = Case(case.dataset, case.model)
    return [
        cell
        for seed in seeds
        for cell in (
            central(alone, tuning.chosen(alone), seed),
            federated(case, tuning.chosen(case), seed),
        )
    ]


def source() -> list[Cell]:
    """The source system's setting as far as it is described: SGD 0.01; ten epochs centrally; ten clients with a tenth each.

    Its model and batch are not, nor whether its clients' ten epochs lay within one round: all are tried.
    """
    found = []
    for model in SOURCE_MODELS:
        for batch in SOURCE_BATCHES:
            sgd: Settings = {"optimizer": "sgd", "lr": SOURCE_RATE, "batch": batch}
            plain: Settings = sgd | {"server": "sgd", "server_lr": 1.0}
            found.append(central(Case("mnist", model), sgd | {"passes": SOURCE_EPOCHS}, 1, "source"))
            for rounds, local_epochs in ((1, 1), (10, 1), (1, 10)):
                settings = plain | {"rounds": rounds, "local_epochs": local_epochs}
                found.append(federated(Case("mnist", model, "iid", 10), settings, 1, "source"))
    return found
