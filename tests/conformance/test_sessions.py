"""`ports.Sessions`."""

from concurrent.futures import ThreadPoolExecutor

import pytest

NOON = 1_900_000_000.0


def test_use_nonce__fresh__once_only(stores):
    nonce = stores.sessions.new_nonce(NOON)
    assert len(nonce) >= 8
    assert nonce.isalnum()
    assert stores.sessions.use_nonce(nonce, NOON + 600)
    assert not stores.sessions.use_nonce(nonce, NOON + 600)


def test_use_nonce__old_or_unknown__refused(stores):
    nonce = stores.sessions.new_nonce(NOON)
    assert not stores.sessions.use_nonce(nonce, NOON + 601)
    assert not stores.sessions.use_nonce("00000000", NOON)


def test_use_nonce__raced_by_many__one_wins(stores):
    nonce = stores.sessions.new_nonce(NOON)
    with ThreadPoolExecutor(8) as racers:
        used = list(racers.map(lambda _: stores.sessions.use_nonce(nonce, NOON), range(8)))
    assert used.count(True) == 1


def test_sessions__opened__known_until_closed_or_expired(stores):
    token = stores.sessions.open("u_1", "0xCustomer", NOON, "Browser 1")
    session = stores.sessions.find(token, NOON + 86_400)
    assert (session.user, session.address, session.opened, session.agent) == (
        "u_1",
        "0xCustomer",
        NOON,
        "Browser 1",
    )
    assert token not in session.id
    assert stores.sessions.find(token, NOON + 365 * 86_400) is None
    assert stores.sessions.find("guess", NOON) is None
    assert stores.sessions.find(session.id, NOON) is None
    stores.sessions.close(token)
    assert stores.sessions.find(token, NOON) is None
    assert stores.sessions.open("u_1", "0xCustomer", NOON) != token


def test_sessions__of_a_user__are_listed_newest_first(stores):
    first = stores.sessions.find(stores.sessions.open("u_1", "0xA", NOON), NOON)
    second = stores.sessions.find(stores.sessions.open("u_1", None, NOON + 1), NOON + 1)
    stores.sessions.open("u_2", "0xA", NOON)
    assert stores.sessions.of("u_1", NOON + 1) == [second, first]
    assert stores.sessions.of("u_1", NOON + 365 * 86_400) == []
    stores.sessions.act_for(second.id, "0xB")
    assert stores.sessions.of("u_1", NOON + 1)[0].address == "0xB"


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({}, []),
        ({"only": 0}, [1, 2]),
        ({"but": 0}, [0]),
        ({"address": "0xA"}, [2]),
        ({"address": "0xA", "but": 0}, [0, 2]),
    ],
)
def test_sessions__ended__are_those_asked_for_and_no_others(stores, chosen, left):
    tokens = [stores.sessions.open("u_1", address, NOON) for address in ("0xA", "0xA", "0xB")]
    other = stores.sessions.open("u_2", "0xA", NOON)
    ids = [stores.sessions.find(token, NOON).id for token in tokens]
    asked = {name: ids[value] if isinstance(value, int) else value for name, value in chosen.items()}
    assert stores.sessions.end("u_1", **asked) == 3 - len(left)
    assert [i for i, token in enumerate(tokens) if stores.sessions.find(token, NOON)] == left
    assert stores.sessions.find(other, NOON) is not None
