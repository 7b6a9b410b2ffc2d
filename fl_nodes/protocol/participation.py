"""Who takes part in a round where not all do: dealt from a deck that is shuffled anew when it is used up.

After any number of rounds two trainers' numbers of turns differ by one at most. So every shard is seen equally often, and pay that
is averaged over all rounds takes nothing from those who were not asked. The deck follows from the specification's seed, which
was fixed before the trainers were chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

from fl_nodes.protocol.hashing import derive_seed


def drawn(seed: int, round_number: int, trainers: Sequence[str], count: int) -> tuple[str, ...]:
    """The `count` trainers asked in a round (from 1 on), or all where there are no more; sorted, whatever order they came in."""
    everybody = sorted(trainers, key=str.lower)
    if count >= len(everybody):
        return tuple(everybody)
    deck: list[str] = []
    shuffles = 0
    hand: list[str] = []
    for _ in range(round_number):
        hand = []
        while len(hand) < count:
            if all(card in hand for card in deck):
                shuffles += 1
                deck += sorted(everybody, key=lambda t: derive_seed(seed, "participants", shuffles, t))
            card = next(card for card in deck if card not in hand)
            deck.remove(card)
            hand.append(card)
    return tuple(sorted(hand, key=str.lower))
