"""How much of a trainer's work is re-run, by its record."""

import pytest

from fl_nodes.protocol import scrutiny


@pytest.mark.parametrize(
    ("asked", "finished", "rating", "due"),
    [
        (2, 5, 5000, 2),
        (2, 4, 5000, 4),
        (2, 0, 10_000, 4),
        (2, 500, 3_999, 4),
        (2, 500, 4_000, 2),
        (1, 0, 5000, 4),
        (1, 9, 5000, 1),
        (16, 0, 5000, 46),
    ],
)
def test_segments_due__newcomers_and_the_mistrusted__three_times_the_others(
    asked: int, finished: int, rating: int, due: int
) -> None:
    assert scrutiny.segments_due(asked, finished, rating) == due


def test_segments_due__whatever_the_record__never_fewer_than_specified() -> None:
    for asked in range(1, 65):
        for finished in (0, 4, 5, 100):
            for rating in (0, 3999, 4000, 10_000):
                assert scrutiny.segments_due(asked, finished, rating) >= asked
