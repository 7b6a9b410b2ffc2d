"""`ports.Users`, `ports.Passwords`."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from backend.adapters.memory import MemoryPasswords
from backend.adapters.passwords import Argon2Passwords
from backend.domain.user import User, absorbed, linked, verified, with_password
from backend.errors import Conflict, NotFound

NOON = 1_900_000_000.0
ANNA = User("u_anna", NOON, ("0xA",), "anna@example.org", NOON, "new@example.org", "hash")
BERT = User("u_bert", NOON, ("0xB", "0xC"))
FAST = {"time_cost": 1, "memory_cost": 64, "parallelism": 1}


def test_add__new_user__is_found_by_id_wallet_and_email(stores):
    stores.users.add(ANNA)
    stores.users.add(BERT)
    assert stores.users.get("u_anna") == ANNA
    assert stores.users.by_email("anna@example.org") == ANNA
    assert [stores.users.by_wallet(w) for w in ("0xA", "0xC", "0xD")] == [ANNA, BERT, None]
    assert stores.users.by_email("new@example.org") is None
    assert stores.users.get("u_nobody") is None


def test_add__email_or_wallet_of_another__conflicts(stores):
    stores.users.add(ANNA)
    with pytest.raises(Conflict) as refusal:
        stores.users.add(User("u_2", NOON, email="anna@example.org"))
    assert refusal.value.code == "account.email_taken"
    with pytest.raises(Conflict) as refusal:
        stores.users.add(User("u_2", NOON, ("0xZ", "0xA")))
    assert refusal.value.code == "account.wallet_taken"
    assert stores.users.get("u_2") is None


def test_add__many_without_email_or_wallet__take_nothing_from_each_other(stores):
    for number in range(3):
        stores.users.add(User(f"u_w{number}", NOON, (f"0x{number}",)))
        stores.users.add(User(f"u_e{number}", NOON, email=f"{number}@example.org"))
    assert stores.users.by_email("2@example.org").id == "u_e2"


def test_add__raced_for_one_wallet__one_wins(stores):
    def add(number: int) -> bool:
        try:
            stores.users.add(User(f"u_{number}", NOON, ("0xA",)))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as racers:
        assert list(racers.map(add, range(8))).count(True) == 1


def test_change__by_several_at_once__loses_nothing(stores):
    stores.users.add(replace(BERT, wallets=()))
    with ThreadPoolExecutor(4) as racers:
        list(racers.map(lambda n: stores.users.change("u_bert", lambda u: linked(u, f"0x{n}")), range(8)))
    assert set(stores.users.get("u_bert").wallets) == {f"0x{n}" for n in range(8)}
    assert stores.users.by_wallet("0x7").id == "u_bert"


def test_change__to_what_another_has__changes_nothing(stores):
    stores.users.add(ANNA)
    stores.users.add(BERT)
    with pytest.raises(Conflict) as refusal:
        stores.users.change("u_bert", lambda user: linked(user, "0xA"))
    assert refusal.value.code == "account.wallet_taken"
    with pytest.raises(Conflict) as refusal:
        stores.users.change("u_bert", lambda user: replace(user, email="anna@example.org"))
    assert refusal.value.code == "account.email_taken"
    assert stores.users.get("u_bert") == BERT
    with pytest.raises(NotFound) as unknown:
        stores.users.change("u_nobody", lambda user: user)
    assert unknown.value.code == "account.unknown"


def test_absorb__another_user__moves_its_wallets_and_ends_it(stores):
    stores.users.add(ANNA)
    stores.users.add(BERT)
    after = stores.users.absorb("u_anna", "u_bert", absorbed)
    assert after.wallets == ("0xA", "0xB", "0xC")
    assert stores.users.get("u_anna") == stores.users.by_wallet("0xC") == after
    assert stores.users.get("u_bert") is None


def test_absorb__refused_by_the_rule__leaves_both(stores):
    stores.users.add(ANNA)
    stores.users.add(BERT)
    with pytest.raises(Conflict):
        stores.users.absorb("u_bert", "u_anna", absorbed)
    assert (stores.users.get("u_anna"), stores.users.get("u_bert")) == (ANNA, BERT)


def test_remove__a_user__frees_email_and_wallet(stores):
    stores.users.add(ANNA)
    stores.users.remove("u_anna")
    stores.users.remove("u_anna")
    stores.users.add(replace(ANNA, id="u_2"))
    assert stores.users.by_wallet("0xA").id == "u_2"


def test_users__asked_with_an_operator__find_nobody(stores):
    stores.users.add(verified(with_password(ANNA, "h"), NOON))
    for shape in ({"$ne": None}, {"$gt": ""}, {"$regex": "."}):
        assert stores.users.by_email(shape) is None
        assert stores.users.by_wallet(shape) is None


@pytest.fixture(params=["memory", "argon2"])
def passwords(request):
    """(passwords, the same with other parameters)."""
    if request.param == "memory":
        return MemoryPasswords(), MemoryPasswords(2)
    return Argon2Passwords(PasswordHasher(**FAST)), Argon2Passwords(PasswordHasher(**FAST | {"time_cost": 2}))


def test_verify__right_or_wrong__is_told_apart(passwords):
    used, _ = passwords
    known = used.hash("correct horse")
    assert "correct horse" not in known
    assert used.hash("correct horse") != known
    assert used.verify(known, "correct horse")
    assert not used.verify(known, "correct horsf")
    assert not used.verify(None, "nobody has this password")
    assert not used.verify("no hash at all", "correct horse")


def test_outdated__other_parameters__still_verify_but_are_made_anew(passwords):
    used, other = passwords
    known = other.hash("correct horse")
    assert used.verify(known, "correct horse")
    assert used.outdated(known)
    assert not used.outdated(used.hash("correct horse"))
