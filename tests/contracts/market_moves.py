"""Every move that anybody can make on the market, for random histories of it."""

from copy import deepcopy
from dataclasses import replace

from accusations import contest, finalize
from bookkeeper import LIVE, Books, Node
from brownie import accounts, chain, web3
from brownie.test import strategy
from escrow_world import (
    ABSENT,
    ACQUITTED,
    ACTIVE,
    ASSIGNED,
    COMMISSION_BPS,
    CONTEST_S,
    CONTESTED,
    DATASET,
    DEPOSIT_WEI,
    DRAWING,
    EXITING,
    FEE_WEI,
    NAMED,
    OPEN,
    SEED_REACH_BLOCKS,
    SPEC,
    TRAINER,
    UNBONDING_S,
    VALIDATOR,
    Job,
    ascending,
    draw,
    job_id,
    mine_seed,
    next_block_at,
    node_key,
    pass_time,
    ref,
    refuses,
    register,
)
from payout_tree import payout_tree
from sortition import recompute_draw, seed_of
from verdicts import fail_verdict, judge, payout_verdict, settle_verdict

MAX_FEE_WEI = 10**18
ARBITRATION_S = 30 * 24 * 3600
LONG_S = 3600
HASTE_S = 10
"""A job that is to go on is not one about to end by itself."""


class Moves:
    """Rules for Brownie's state machine. A move that needs a job in some status brings one there first."""

    st_pick = strategy("uint16")
    st_mask = strategy("uint8")
    st_wei = strategy("uint64", min_value=1, max_value=MAX_FEE_WEI)
    st_seconds = strategy("uint16", min_value=60, max_value=600)
    st_bps = strategy("uint16", max_value=500)
    st_flag = strategy("bool")

    def __init__(self, world):
        # Brownie calls this once, with the class, and goes back to the chain of then for every history.
        first = object.__new__(Moves)
        first.world = world
        first.set_in_motion()
        self.world, self.books_then = world, first.books

    def setup(self):
        self.books = deepcopy(self.books_then)

    def set_in_motion(self):
        """Brings jobs into every status and nodes into most, so that the shortest history already meets them."""
        world = self.world
        self.books = Books(
            str(world.customer), str(world.treasury), world.token.totalSupply(), COMMISSION_BPS
        )
        for role, nodes in ((TRAINER, world.trainers), (VALIDATOR, world.validators)):
            self.books.nodes.update({str(node): Node(DEPOSIT_WEI, role) for node in nodes})
        for _ in range(2):
            self.rule_register(0, 1)
        endings = (
            lambda: (self.rule_fail(0, 0b0011), self.rule_contest(0)),
            lambda: self.rule_settle(0, 10**9, True),
            lambda: self.rule_settle(0, 10**9, False),
            lambda: self.rule_reclaim(0, True),
            lambda: None,
        )
        for end in endings:
            self.rule_open(FEE_WEI, LONG_S)
            self.rule_assign(0, 0b1111)
            self.rule_draw(0)
            end()
        self.rule_open(FEE_WEI, LONG_S)
        self.rule_assign(0, 0b1111)
        self.rule_open(FEE_WEI, LONG_S)
        accused = next(iter(self.books.jobs[0].accusations))
        bound = self.books.jobs[-2].job.trainers[0]
        for node in (accused, bound):
            self._request_exit(node)

    # --- jobs -----------------------------------------------------------------------------------

    def rule_open(self, fee="st_wei", seconds="st_seconds"):
        world, by = self.world, {"from": self.world.customer}
        reference = ref(f"job {len(self.books.jobs)}")
        world.token.approve(world.escrow, fee, by)
        deadline = self._now() + seconds
        world.escrow.openJob(reference, SPEC, DATASET, fee, deadline, by)
        job = Job(job_id(world.customer, reference), ())
        self.books.opened(job, fee, deadline)

    def rule_assign(self, pick="st_pick", mask="st_mask"):
        entry = self._job_in(OPEN, pick)
        free = [n for n in ascending(self.books.nodes) if self._is_free_trainer(n)]
        if entry is None or not free:
            return
        chosen = tuple(t for i, t in enumerate(free) if mask >> i & 1) or (free[0],)
        if self._now() >= entry.deadline:
            with refuses("JobEscrow_DeadlinePassed", entry.job.id, entry.deadline):
                self.world.escrow.assign(entry.job.id, chosen, {"from": self.world.operator})
            return
        self.world.escrow.assign(entry.job.id, chosen, {"from": self.world.operator})
        self.books.chosen(entry, replace(entry.job, trainers=chosen))

    def rule_draw(self, pick="st_pick"):
        entry = self._job_in(DRAWING, pick)
        if entry is None:
            return
        job, world = entry.job, self.world
        seed_block = world.escrow.job(job.id)["seedBlock"]
        if chain.height <= seed_block:
            mine_seed()
        if self._now() >= entry.deadline:
            with refuses("JobEscrow_DeadlinePassed", job.id, entry.deadline):
                draw(world, job)
            return
        seed = seed_of(bytes(web3.eth.get_block(seed_block).hash), job.id)
        nodes, weights = world.staking.weights(VALIDATOR, seed_block)
        barred = {*job.trainers, str(world.customer)}
        expected = recompute_draw(seed, list(map(str, nodes)), list(weights), barred, 3)
        if len(expected) < 2:
            with refuses("JobEscrow_NotEnoughValidators", len(expected), 2):
                draw(world, job)
            return
        drawn = draw(world, job)
        assert list(drawn.validators) == expected
        assert list(drawn.keys) == [node_key(v).address for v in expected]
        self.books.drawn(entry, drawn)

    def rule_settle(self, pick="st_pick", cut="st_wei", by_root="st_flag"):
        entry = self._job_in(ASSIGNED, pick)
        if entry is None:
            return
        amounts, left = [], entry.pool_wei
        for _ in entry.job.trainers[1:]:
            amounts.append(min(left, cut))
            left -= amounts[-1]
        amounts.append(left)
        if by_root:
            tree = payout_tree(list(zip(entry.job.trainers, amounts, strict=True)))
            judge(self.world, entry.job, payout_verdict(entry.job, tree))
            self.books.settled_by_root(entry, tree)
        else:
            accuracies = [cut * (i + 1) % 1_000_001 for i in range(len(amounts))]
            judge(self.world, entry.job, settle_verdict(entry.job, amounts, accuracies_ppm=accuracies))
            self.books.settled(entry, amounts, accuracies)

    def rule_claim(self, pick="st_pick"):
        entry = self._job(
            lambda e: e.tree and len(e.claimed) < len(e.tree.payouts),
            pick,
            lambda: self.rule_settle(pick, pick, True),
        )
        if entry is None:
            return
        index = next(i for i in range(len(entry.tree.payouts)) if i not in entry.claimed)
        self.world.escrow.claim(entry.job.id, *entry.tree.claim(index), {"from": self.world.stranger})
        self.books.claimed(entry, index)
        with refuses("JobEscrow_AlreadyClaimed", entry.job.id, index):
            self.world.escrow.claim(entry.job.id, *entry.tree.claim(index), {"from": self.world.stranger})

    def rule_fail(self, pick="st_pick", mask="st_mask"):
        entry = self._job_in(ASSIGNED, pick)
        if entry is None:
            return
        culprits = [t for i, t in enumerate(entry.job.trainers) if mask >> i & 1]
        now = self._now()
        judge(self.world, entry.job, fail_verdict(entry.job, culprits))
        self.books.failed(entry, culprits, now + CONTEST_S)

    def rule_cancel(self, pick="st_pick", by_operator="st_flag"):
        entry = self._job(lambda e: e.status in (OPEN, DRAWING), pick, lambda: self.rule_assign(pick, pick))
        if entry is None:
            return
        who = self.world.operator if by_operator else self.world.customer
        seed_block = self.world.escrow.job(entry.job.id)["seedBlock"]
        if entry.status == DRAWING and 0 < chain.height + 1 - seed_block <= SEED_REACH_BLOCKS:
            with refuses("JobEscrow_DrawPending", entry.job.id, seed_block):
                self.world.escrow.cancel(entry.job.id, {"from": who})
            return
        self.world.escrow.cancel(entry.job.id, {"from": who})
        self.books.cancelled(entry)

    def rule_reclaim(self, pick="st_pick", patient="st_flag"):
        entry = self._job(lambda e: e.status in LIVE, pick, lambda: self.rule_draw(pick))
        if entry is None:
            return
        if patient:
            self._wait_until(entry.deadline)
        if self._now() < entry.deadline:
            with refuses("JobEscrow_DeadlineNotReached", entry.job.id, entry.deadline):
                self.world.escrow.reclaim(entry.job.id, {"from": self.world.stranger})
            return
        self.world.escrow.reclaim(entry.job.id, {"from": self.world.stranger})
        self.books.reclaimed(entry)

    def rule_release(self, pick="st_pick"):
        entry = self._job(
            lambda e: e.status not in LIVE and not e.released, pick, lambda: self.rule_reclaim(pick, True)
        )
        if entry is None:
            return
        job = entry.job
        self.world.escrow.release(job.id, job.trainers, job.crew, {"from": self.world.stranger})
        entry.released = True

    def rule_end_again(self, pick="st_pick"):
        """Rule 2: whatever has ended refuses every other end."""
        entry = self._job(lambda e: e.status not in LIVE, pick, lambda: self.rule_settle(pick, pick, False))
        if entry is None:
            return
        job, escrow = entry.job, self.world.escrow
        for attempt in (
            lambda: escrow.cancel(job.id, {"from": self.world.operator}),
            lambda: escrow.reclaim(job.id, {"from": self.world.customer}),
            lambda: judge(self.world, job, settle_verdict(job, payees=self.world.trainers)),
            lambda: judge(self.world, job, fail_verdict(job)),
        ):
            with refuses("JobEscrow_WrongStatus", job.id, entry.status):
                attempt()

    def rule_withdraw(self, pick="st_pick"):
        if not self.books.credits.total():
            self.rule_settle(pick, pick, False)
        account = self._pick([a for a, wei in self.books.credits.items() if wei], pick)
        if account is None:
            return
        self.world.escrow.withdrawFor(account, {"from": self.world.stranger})
        self.books.withdrawn(account)
        with refuses("JobEscrow_NothingToWithdraw", account):
            self.world.escrow.withdrawFor(account, {"from": self.world.stranger})

    def rule_set_commission(self, bps="st_bps"):
        self.world.escrow.setCommission(bps, {"from": self.world.admin})
        self.books.commission_bps = bps

    # --- accusations ----------------------------------------------------------------------------

    def rule_contest(self, pick="st_pick"):
        entry, culprit = self._accused(NAMED, pick, lambda: self.rule_fail(pick, pick | 1))
        if entry is None:
            return
        if self._now() >= entry.ready_at:
            with refuses("JobEscrow_WindowClosed", entry.job.id, entry.ready_at):
                contest(self.world, entry.job, accounts.at(culprit))
            return
        contest(self.world, entry.job, accounts.at(culprit))
        entry.accusations[culprit] = CONTESTED

    def rule_arbitrate(self, pick="st_pick", guilty="st_flag"):
        entry, culprit = self._accused(CONTESTED, pick, lambda: self.rule_contest(pick))
        if entry is None:
            return
        self.world.escrow.arbitrate(entry.job.id, culprit, guilty, {"from": self.world.arbiter})
        if guilty:
            self.books.slash(entry, culprit)
        else:
            entry.accusations[culprit] = ACQUITTED

    def rule_finalize_slash(self, pick="st_pick", patient="st_flag"):
        entry = self._job(lambda e: e.accusations, pick, lambda: self.rule_fail(pick, pick | 1))
        if entry is None:
            return
        if patient:
            self._wait_until(entry.ready_at)
        now = self._now()
        if now < entry.ready_at:
            with refuses("JobEscrow_WindowOpen", entry.job.id, entry.ready_at):
                finalize(self.world, entry.job)
            return
        late = now >= entry.ready_at + ARBITRATION_S
        decided = [c for c, a in entry.accusations.items() if a == NAMED or (late and a == CONTESTED)]
        if not decided:
            with refuses("JobEscrow_NothingToFinalize", entry.job.id):
                finalize(self.world, entry.job)
            return
        finalize(self.world, entry.job)
        for culprit in decided:
            if entry.accusations[culprit] == NAMED:
                self.books.slash(entry, culprit)
            else:
                entry.accusations[culprit] = ACQUITTED

    def rule_withdraw_slashed(self, pick="st_pick"):
        if not self.books.slashed.total():
            self.rule_finalize_slash(pick, True)
        account = self._pick([a for a, wei in self.books.slashed.items() if wei], pick)
        if account is None:
            return
        before = accounts.at(account).balance()
        self.world.staking.withdrawCreditFor(account, {"from": self.world.stranger})
        assert accounts.at(account).balance() - before == self.books.slashed.pop(account)

    # --- nodes ----------------------------------------------------------------------------------

    def rule_register(self, pick="st_pick", wei="st_wei"):
        newcomers = [str(n) for n in self.world.spare if str(n) not in self.books.nodes]
        gone = [n for n, node in self.books.nodes.items() if node.state == ABSENT]
        provider = self._pick(gone + newcomers, pick)
        if provider is None:
            return
        known = self.books.nodes.get(provider)
        role = known.role if known else TRAINER | VALIDATOR
        register(self.world, accounts.at(provider), role, DEPOSIT_WEI + wei)
        self.books.nodes[provider] = Node(DEPOSIT_WEI + wei, role)

    def rule_top_up(self, pick="st_pick", wei="st_wei"):
        node = self._node_in(ACTIVE, pick)
        if node is None:
            return
        self.world.staking.topUp({"from": node, "value": wei})
        self.books.nodes[node].deposit_wei += wei

    def rule_request_exit(self, pick="st_pick"):
        # Nodes mostly stay, or there would be nobody left to work.
        node = self._node_in(ACTIVE, pick)
        if node is not None and pick % 2 == 0:
            self._request_exit(node)

    def rule_withdraw_deposit(self, pick="st_pick", patient="st_flag"):
        """Rule 6: not while assigned, nor while accused."""
        if not self._node_in(EXITING, pick):
            self.rule_request_exit(0)
        node = self._node_in(EXITING, pick)
        if node is None:
            return
        account, record = accounts.at(node), self.books.nodes[node]
        if patient:
            self._wait_until(record.exit_at)
        if self._now() < record.exit_at:
            refusal = refuses("NodeStaking_StillUnbonding", node, record.exit_at)
        elif self.books.bound(node):
            refusal = refuses("NodeStaking_StillAssigned", node, self.books.bound(node))
        elif self.books.frozen(node):
            refusal = refuses("NodeStaking_Frozen", node)
        else:
            before = account.balance()
            self.world.staking.withdraw({"from": account})
            assert account.balance() - before == record.deposit_wei
            self.books.left(node)
            return
        with refusal:
            self.world.staking.withdraw({"from": account})

    def rule_pass_time(self, seconds="st_seconds", long="st_flag"):
        pass_time(ARBITRATION_S if long and seconds % 4 == 0 else seconds)

    # --- choosing -------------------------------------------------------------------------------

    def _now(self):
        """The time of the next block, fixed."""
        now = chain[-1].timestamp + 1
        next_block_at(now)
        return now

    def _wait_until(self, timestamp):
        left = timestamp - chain[-1].timestamp
        if left > 0:
            pass_time(left)

    def _pick(self, choices, pick):
        return choices[pick % len(choices)] if choices else None

    def _job_in(self, status, pick):
        """A job in this status: one that is there, or a new one brought so far if that can be."""
        there = [e for e in self.books.jobs if e.status == status]
        in_time = [e for e in there if status == ASSIGNED or e.deadline > chain[-1].timestamp + HASTE_S]
        if in_time or (there and pick % 2):
            return self._pick(in_time or there, pick)
        if status == OPEN:
            self.rule_open(10**9 + pick, 600)
        elif status == DRAWING:
            self.rule_assign(pick, pick)
        else:
            self.rule_draw(pick)
        return self.books.jobs[-1] if self.books.jobs[-1].status == status else None

    def _job(self, suits, pick, lead):
        """A job that suits, or one that `lead` has brought so far."""
        if not any(map(suits, self.books.jobs)):
            lead()
        return self._pick([e for e in self.books.jobs if suits(e)], pick)

    def _accused(self, state, pick, lead):
        entry = self._job(lambda e: state in e.accusations.values(), pick, lead)
        culprits = [c for c, a in entry.accusations.items() if a == state] if entry else []
        return entry, self._pick(culprits, pick)

    def _node_in(self, state, pick):
        return self._pick([n for n, node in self.books.nodes.items() if node.state == state], pick)

    def _request_exit(self, node):
        now = self._now()
        self.world.staking.requestExit({"from": node})
        self.books.exiting(node, now + UNBONDING_S)

    def _is_free_trainer(self, node):
        record = self.books.nodes[node]
        return record.state == ACTIVE and record.role & TRAINER and not self.books.frozen(node)
