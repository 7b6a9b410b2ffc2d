"""Random histories of the market, and the rules of money after every step of them."""

import pytest
from escrow_world import (
    ACTIVE,
    EXITING,
    NEWCOMER_BPS,
)
from hypothesis import Phase
from market_moves import Moves
from views import read, view

pytestmark = [pytest.mark.contracts, pytest.mark.property]

HISTORIES = 30
STEPS = 20


class Market(Moves):
    """What holds after every move."""

    def invariant_rule1_tokens_held_are_open_fees_and_credits(self):
        escrow, books = self.world.escrow, self.books
        held = self.world.token.balanceOf
        fees, owed, balance = read(view(escrow.openFees), view(escrow.totalCredits), view(held, escrow))
        assert (fees, owed) == (books.open_fees_wei, books.owed_wei)
        assert balance == fees + owed

    def invariant_rule1_deposits_held_are_active_and_unbonding_and_slashed(self):
        staking, books = self.world.staking, self.books
        totals = read(
            *map(view, (staking.totalActive, staking.totalUnbonding, staking.totalSlashedUnclaimed))
        )
        assert totals == [
            books.deposits_wei(ACTIVE),
            books.deposits_wei(EXITING),
            sum(books.slashed.values()),
        ]
        assert staking.balance() == sum(totals)

    def invariant_rule2_a_job_ends_once(self):
        job = self.world.escrow.job
        records = read(*(view(job, entry.job.id) for entry in self.books.jobs))
        assert [record["status"] for record in records] == [entry.status for entry in self.books.jobs]
        assert [record["released"] for record in records] == [entry.released for entry in self.books.jobs]

    def invariant_rules3_4_7_everybody_is_owed_what_the_verdicts_said(self):
        people = [*self.books.nodes, self.books.customer, self.books.treasury]
        for owed, books in (
            (self.world.escrow.credit, self.books.credits),
            (self.world.staking.credit, self.books.slashed),
            (self.world.token.balanceOf, self.books.tokens),
        ):
            assert read(*(view(owed, account) for account in people)) == [
                books[account] for account in people
            ]

    def invariant_rule6_bound_and_accused_nodes_keep_their_deposits(self):
        records = read(*(view(self.world.staking.node, address) for address in self.books.nodes))
        for (address, node), record in zip(self.books.nodes.items(), records, strict=True):
            quality = self.books.quality_bps.get(address, NEWCOMER_BPS)
            assert (record["deposit"], record["state"]) == (node.deposit_wei, node.state)
            assert record["assignedJobs"] == self.books.bound(address)
            assert record["frozen"] == self.books.frozen(address)
            assert record["rating"] == (NEWCOMER_BPS + quality) // 2


def test_market__any_history__keeps_the_rules(world, state_machine):
    settings = {
        "max_examples": HISTORIES,
        "stateful_step_count": STEPS,
        # Shrinking would take minutes, and other block hashes draw other validators: histories are short instead.
        "phases": (Phase.generate,),
    }
    state_machine(Market, world, settings=settings)
