"""What the chains take for a job: its transactions on each, at so much for one. They run somewhere: the world's average emits.

A public chain's figure is its yearly electricity over its transactions: an average, mostly for standing ready, not what one more of
them adds. It is a constant with its source, and may be off by all of itself. A local chain's is a model, measured by
`python -m scripts.bench.chain_energy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backend.domain.ticket import Ticket
from backend.energy.carbon import joint_band_ppm
from backend.energy.world_average import WORLD_BAND_PPM, WORLD_MG_PER_KWH
from backend.errors import Invalid
from fl_nodes.protocol.energy_sum import energy_sum
from fl_nodes.protocol.reading import micrograms

MILLIJOULES_PER_MWH = 3_600_000_000_000
DAYS = 365

MARKET_TRANSACTIONS = 4
"""A job is opened, assigned, drawn, ended; each round of it is published and each payee paid."""
CARBON_TRANSACTIONS = 3
"""Its baseline is fixed, its epoch sealed (several jobs' in one: counted for each), its credits issued."""


@dataclass(frozen=True)
class TransactionFigure:
    """What a transaction takes on a chain, in mJ; its class, band (ppm) and who says so, as of when."""

    millijoules: int
    kind: str
    band_ppm: int
    source: str

    def times(self, transactions: int) -> TransactionFigure:
        """What so many of them take."""
        return replace(self, millijoules=transactions * self.millijoules)


def _public(mwh_a_year: int, transactions_a_day: int, source: str) -> TransactionFigure:
    """A network's yearly electricity over its transactions, rounded up."""
    of_a_year = transactions_a_day * DAYS
    return TransactionFigure(-(-mwh_a_year * MILLIJOULES_PER_MWH // of_a_year), "constant", 1_000_000, source)


FIGURES: Mapping[str, TransactionFigure] = {
    "local": TransactionFigure(
        21, "modelled", 400_000, "CPU time of Anvil at 8 W a core (python -m scripts.bench.chain_energy)"
    ),
    "ethereum": _public(
        2_601,
        1_100_000,
        "CCRI, The Merge: Implications on the Electricity Consumption and Carbon Footprint of the Ethereum Network (2022), "
        "2601 MWh a year, over about 1.1 million transactions a day",
    ),
    "polygon": _public(
        790,
        3_000_000,
        "Polygon, The Eco-Friendly Blockchain Scaling Ethereum (2021), 0.00079 TWh a year of validators, over about 3 million "
        "transactions a day; without its checkpoints on Ethereum",
    ),
}


@dataclass(frozen=True)
class ChainFigures:
    """Of the market chain and of the carbon chain."""

    market: TransactionFigure
    carbon: TransactionFigure


@dataclass(frozen=True)
class ChainCost:
    """What the chains take for a job: transactions on each, mJ and µgCO2e of all, of the weaker class; whose figures."""

    market_transactions: int
    carbon_transactions: int
    millijoules: int
    micrograms: int
    kind: str
    band_ppm: int
    sources: tuple[str, ...]


def figure(said: str) -> TransactionFigure:
    """By a chain's name, or whole millijoules; Invalid `settings.chain_energy`."""
    if said in FIGURES:
        return FIGURES[said]
    if not said.isascii() or not said.isdigit():
        raise Invalid(
            "settings.chain_energy",
            f"The energy of a transaction is {', '.join(FIGURES)} or whole millijoules, not {said!r}.",
        )
    return TransactionFigure(int(said), "constant", 1_000_000, "the operator's setting")


def figures(market: str, carbon: str) -> ChainFigures:
    """From the two settings."""
    return ChainFigures(figure(market), figure(carbon))


def chain_cost(ticket: Ticket, of: ChainFigures) -> ChainCost:
    """Of all transactions that a job has in the end, those still to come among them."""
    market = MARKET_TRANSACTIONS + len(ticket.rounds) + (len(ticket.verdict.payees) if ticket.verdict else 0)
    carbon = CARBON_TRANSACTIONS + ticket.spec.publish
    parts = [of.market.times(market), of.carbon.times(carbon)]
    used = energy_sum(parts)
    return ChainCost(
        market_transactions=market,
        carbon_transactions=carbon,
        millijoules=used.millijoules,
        micrograms=micrograms(used.millijoules, WORLD_MG_PER_KWH),
        kind=used.kind,
        band_ppm=joint_band_ppm(used.band_ppm, WORLD_BAND_PPM),
        sources=tuple(dict.fromkeys(each.source for each in parts)),
    )
