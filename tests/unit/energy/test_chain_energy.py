"""What the chains take for a job."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.energy.chain_energy import FIGURES, ChainFigures, TransactionFigure, chain_cost, figure, figures
from backend.errors import Invalid
from tests.support.jobs import quoted_ticket, settle_verdict
from tests.support.tickets import round_record

CUSTOMER = "0x" + "c1" * 20
TRAINERS = tuple(f"0x{n:040x}" for n in (1, 2, 3))


def test_chain_cost__a_settled_job__counts_every_transaction_of_both_chains():
    ticket = replace(
        quoted_ticket("t_1", CUSTOMER, 9),
        rounds=tuple(map(round_record, (1, 2))),
        verdict=settle_verdict(TRAINERS),
    )
    cost = chain_cost(ticket, figures("100", "10"))
    assert (cost.market_transactions, cost.carbon_transactions) == (4 + 2 + 3, 3)
    assert cost.millijoules == 9 * 100 + 3 * 10
    published = replace(ticket, spec=replace(ticket.spec, publish=True))
    assert chain_cost(published, figures("100", "10")).carbon_transactions == 4


def test_chain_cost__figures_of_two_classes__is_of_the_weaker_with_the_mean_band():
    ticket = quoted_ticket("t_1", CUSTOMER, 9)
    strong, weak = (
        TransactionFigure(30, "measured", 0, "a meter"),
        TransactionFigure(40, "constant", 1_000_000, "a page"),
    )
    cost = chain_cost(ticket, ChainFigures(strong, weak))
    assert (cost.millijoules, cost.kind, cost.sources) == (4 * 30 + 3 * 40, "constant", ("a meter", "a page"))
    # Half of the energy may be off by all of itself, and the world's average by all of itself.
    assert cost.band_ppm == 2_000_000
    assert cost.micrograms == -(-240 * 475_000 * 1000 // 3_600_000_000)


def test_figures__public_chains__are_constants_with_a_source_far_above_a_local_one():
    for name in ("ethereum", "polygon"):
        assert FIGURES[name].kind == "constant"
        assert FIGURES[name].band_ppm == 1_000_000
        assert FIGURES[name].source
        assert FIGURES[name].millijoules > 10_000 * FIGURES["local"].millijoules
    # 2601 MWh over 1.1 million transactions on each of 365 days.
    assert FIGURES["ethereum"].millijoules == -(-2_601 * 3_600_000_000_000 // (1_100_000 * 365))


@pytest.mark.parametrize("said", ["bitcoin", "-1", "1.5", ""])
def test_figure__no_chain_and_no_number__is_refused(said):
    with pytest.raises(Invalid) as refused:
        figure(said)
    assert refused.value.code == "settings.chain_energy"
