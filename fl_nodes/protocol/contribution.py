"""Who gained how much of what a round's updates gained together: Shapley values of a game given as a utility function.

`utility(subsets)` says what the model is worth with the updates of each subset of the players (by index). A player's value is
what it adds to those before it, averaged over all orders in which they could come (Shapley 1953): the values sum to the gain
of all, whoever adds nothing to any subset gets nothing, and equal players get the same.

- `exact` looks at all 2^n subsets: right to the last digit, and the oracle for the rest.
- `sampled` is GTG-Shapley (Liu et al. 2022, ACM TIST 13(4), 60): in turn each player comes first and the others follow in
  random order; an order is left once the rest can change next to nothing (within-round truncation), and a round that gained
  next to nothing is not looked into (between-round truncation). Ours differs in two points. Each order is followed by its
  reverse (antithetic sampling, Mitchell et al. 2022, JMLR 23(43)), which is exact where players interact only in pairs, as
  small steps nearly do. And it stops at a number of evaluations, instead of when it has converged.
- `leave_one_out` is the gain of a player that comes last: n + 1 evaluations. It undervalues whoever can be replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import combinations, pairwise
from math import comb

from fl_nodes.protocol.hashing import derive_seed

Utility = Callable[[Sequence[frozenset[int]]], Sequence[float]]

NEXT_TO_NOTHING = 5e-4
"""Change of the utility below which both truncations look no further."""


class Game:
    """A utility that is asked once for each subset."""

    def __init__(self, players: int, utility: Utility) -> None:
        self.players = players
        self._utility = utility
        self._known: dict[frozenset[int], float] = {}

    @property
    def evaluations(self) -> int:
        """How many subsets were asked for."""
        return len(self._known)

    def __call__(self, subset: frozenset[int]) -> float:
        self.ask([subset])
        return self._known[subset]

    def ask(self, subsets: Iterable[frozenset[int]]) -> None:
        """Evaluate in one call what is not known yet."""
        new = [s for s in dict.fromkeys(subsets) if s not in self._known]
        if new:
            self._known.update(zip(new, self._utility(new), strict=True))

    def new(self, order: tuple[int, ...]) -> int:
        """How many evaluations an order would take."""
        return sum(frozenset(order[:n]) not in self._known for n in range(len(order) + 1))


def contributions(players: int, utility: Utility, evaluations: int, seed: int) -> tuple[float, ...]:
    """The values by the best method for so many evaluations, and those of a round that gained next to nothing: zeros.

    Fewer than `players` + 2 evaluations say nothing of somebody: that many are made.
    """
    game = Game(players, utility)
    if players == 0:
        return ()
    nobody, everybody = frozenset[int](), frozenset(range(players))
    game.ask([nobody, everybody])
    if abs(game(everybody) - game(nobody)) < NEXT_TO_NOTHING:
        return (0.0,) * players
    if 1 << players <= evaluations:
        return exact(game)
    if 2 * players <= evaluations:
        return sampled(game, evaluations, seed)
    return leave_one_out(game)


def exact(game: Game) -> tuple[float, ...]:
    """Shapley values by definition; 2^n evaluations."""
    n, values = game.players, [0.0] * game.players
    game.ask(frozenset(s) for size in range(n + 1) for s in combinations(range(n), size))
    for size in range(n):
        for members in combinations(range(n), size):
            before = frozenset(members)
            for player in set(range(n)) - before:
                values[player] += (game(before | {player}) - game(before)) / (n * comb(n - 1, size))
    return tuple(values)


def sampled(game: Game, evaluations: int, seed: int) -> tuple[float, ...]:
    """Shapley values by guided, truncated, antithetic sampling of orders; at least one order and its reverse."""
    sums, orders = [0.0] * game.players, 0
    for turn in range(evaluations):
        first = turn % game.players
        others = sorted(set(range(game.players)) - {first}, key=partial(derive_seed, seed, turn))
        order = (first, *others)
        pair = (order, order[::-1])
        if orders and game.evaluations + sum(map(game.new, pair)) > evaluations:
            break
        for one in pair:
            for player, gain in _gains(game, one):
                sums[player] += gain
        orders += len(pair)
    return tuple(value / orders for value in sums)


def leave_one_out(game: Game) -> tuple[float, ...]:
    """What all lose without each; n + 1 evaluations."""
    everybody = frozenset(range(game.players))
    game.ask([everybody, *(everybody - {player} for player in range(game.players))])
    return tuple(game(everybody) - game(everybody - {player}) for player in range(game.players))


def _gains(game: Game, order: tuple[int, ...]) -> list[tuple[int, float]]:
    """Each player's gain in an order, up to where the rest can change next to nothing."""
    gains, everybody = [], game(frozenset(order))
    prefixes = (frozenset(order[:n]) for n in range(len(order) + 1))
    for player, (before, after) in zip(order, pairwise(prefixes), strict=True):
        if abs(everybody - game(before)) < NEXT_TO_NOTHING:
            break
        gains.append((player, game(after) - game(before)))
    return gains
