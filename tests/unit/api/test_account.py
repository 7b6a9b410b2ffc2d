"""One's own account: wallets come and go, sessions end, and nothing of it is anybody else's to do."""

import pytest

from tests.support.accounts import USER_AGENT, Person, Post, said
from tests.support.api_world import ARBITER, CUSTOMER, STRANGER, World

ANNA, PASSWORD = "anna@example.org", "correct horse battery"


@pytest.fixture
def post(world: World) -> Post:
    return Post(world)


@pytest.fixture
def anna(world: World, post: Post) -> Person:
    """Somebody with an e-mail account."""
    person = Person(world)
    person.post("/api/auth/sign-up", email=ANNA, password=PASSWORD)
    person.post("/api/auth/verify", token=post.token(ANNA), password=PASSWORD)
    return person


def holder(world: World, account=CUSTOMER) -> Person:
    """Somebody who signed in with a wallet."""
    person = Person(world)
    person.sign_in_with(account)
    return person


def test_link__a_wallet_of_nobody__is_the_one_acted_for(world: World, anna: Person) -> None:
    assert anna.link(CUSTOMER).json == {"wallets": [CUSTOMER.address]}
    assert anna.user["address"] == CUSTOMER.address
    assert anna.link(STRANGER).status_code == 200
    assert (anna.user["address"], len(anna.user["wallets"])) == (CUSTOMER.address, 2)


def test_link__a_wallet_that_came_before_its_account__brings_its_tickets(world: World, anna: Person) -> None:
    elsewhere = holder(world)
    ticket = world.quote(CUSTOMER)
    anna.link(STRANGER)
    other = world.quote(STRANGER)
    assert anna.link(CUSTOMER).status_code == 200
    assert {t["id"] for t in anna.client.get("/api/tickets").json["tickets"]} == {ticket.id, other.id}
    assert anna.client.get(f"/api/tickets/{ticket.id}").status_code == 200
    assert elsewhere.user is None


def test_link__a_wallet_of_an_account_with_an_email__is_refused(world: World, anna: Person) -> None:
    anna.link(CUSTOMER)
    other = holder(world, STRANGER)
    refused = other.link(CUSTOMER)
    assert (refused.status_code, said(refused)) == (409, "account.wallet_taken")
    assert other.user["wallets"] == [STRANGER.address]


def test_link__text_for_another_account_or_to_sign_in__is_refused(world: World, anna: Person) -> None:
    other = holder(world, STRANGER)
    assert said(anna.link(CUSTOMER, to=other.user["id"])) == "auth.purpose"
    assert said(anna.link(CUSTOMER, to="")) == "auth.purpose"
    assert anna.user["wallets"] == []


def test_link__replayed__is_refused(world: World, anna: Person) -> None:
    sent = []
    real = anna.post
    anna.post = lambda path, **body: sent.append((path, body)) or real(path, **body)  # type: ignore[method-assign]
    anna.link(CUSTOMER)
    anna.post("/api/account/wallets/unlink", address=CUSTOMER.address)
    path, body = next(s for s in sent if s[0] == "/api/account/wallets")
    assert said(real(path, **body)) == "auth.nonce"
    assert anna.user["wallets"] == []


def test_unlink__the_wallet_acted_for__acts_for_another_or_none(world: World, anna: Person) -> None:
    anna.link(CUSTOMER)
    anna.link(STRANGER)
    by_wallet = holder(world, CUSTOMER)
    assert by_wallet.user["email"] == ANNA
    assert anna.post("/api/account/wallets/unlink", address=CUSTOMER.address).status_code == 200
    assert anna.user["address"] == STRANGER.address
    assert by_wallet.user is None
    anna.post("/api/account/wallets/unlink", address=STRANGER.address)
    assert anna.user["address"] is None
    assert holder(world, CUSTOMER).user["email"] is None


def test_unlink__the_only_way_in__is_refused(world: World) -> None:
    person = holder(world)
    refused = person.post("/api/account/wallets/unlink", address=CUSTOMER.address)
    assert (refused.status_code, said(refused)) == (409, "account.last_way_in")
    assert (
        said(person.post("/api/account/wallets/unlink", address=STRANGER.address)) == "account.no_such_wallet"
    )


def test_use__a_linked_wallet__is_who_quotes_and_has_its_roles(world: World) -> None:
    person = holder(world)
    person.link(ARBITER)
    assert person.user["roles"]["arbiter"] is False
    assert person.post("/api/account/wallets/use", address=ARBITER.address.lower()).status_code == 200
    assert (person.user["address"], person.user["roles"]["arbiter"]) == (ARBITER.address, True)
    refused = person.post("/api/account/wallets/use", address=STRANGER.address)
    assert (refused.status_code, said(refused)) == (404, "account.no_such_wallet")


def test_email__asked_for_by_a_wallet_account__is_its_own_once_confirmed(world: World, post: Post) -> None:
    person = holder(world)
    assert person.post("/api/account/email", email=ANNA).status_code == 202
    assert (person.user["email"], person.user["email_verified"]) == (ANNA, False)
    assert world.parts.users.by_email(ANNA) is None
    token = post.token(ANNA)
    assert said(Person(world).post("/api/auth/verify", token=token)) == "account.password_needed"
    assert said(Person(world).post("/api/auth/verify", token=token, password="anything")) == "auth.password"
    assert person.post("/api/auth/verify", token=token).status_code == 200
    assert (person.user["email"], person.user["email_verified"]) == (ANNA, True)
    assert person.post("/api/account/password", password=PASSWORD).status_code == 200
    again = Person(world)
    assert again.post("/api/auth/sign-in", email=ANNA, password=PASSWORD).status_code == 200
    assert again.user["address"] == CUSTOMER.address


def test_email__signed_up_for_by_another_who_never_confirmed__gives_way(world: World, post: Post) -> None:
    Person(world).post("/api/auth/sign-up", email=ANNA, password="squatting here")
    person = holder(world)
    person.post("/api/account/email", email=ANNA)
    assert person.post("/api/auth/verify", token=post.token(ANNA)).status_code == 200
    assert world.parts.users.by_email(ANNA).wallets == (CUSTOMER.address,)


def test_email__of_another_account__stays_there(world: World, post: Post, anna: Person) -> None:
    person = holder(world)
    assert person.post("/api/account/email", email=ANNA).status_code == 202
    refused = person.post("/api/auth/verify", token=post.token(ANNA))
    assert (refused.status_code, said(refused)) == (409, "account.email_taken")
    assert anna.user["email"] == ANNA


def test_password__changed__ends_other_sessions_and_renews_this_one(
    world: World, post: Post, anna: Person
) -> None:
    elsewhere = Person(world)
    elsewhere.post("/api/auth/sign-in", email=ANNA, password=PASSWORD)
    before = anna.client.get_cookie("ecodml-8600").value
    for wrong in (None, "", "not the password"):
        refused = anna.post("/api/account/password", password="another password", current=wrong)
        assert (refused.status_code, said(refused)) == (403, "account.password")
    changed = anna.post("/api/account/password", password="another password", current=PASSWORD)
    assert changed.status_code == 200
    assert anna.user["email"] == ANNA
    assert anna.client.get_cookie("ecodml-8600").value != before
    assert elsewhere.user is None
    assert "changed" in post.to(ANNA)[-1].subject


def test_password__without_an_email__is_refused(world: World) -> None:
    assert said(holder(world).post("/api/account/password", password=PASSWORD)) == "account.no_email"


def test_sessions__listed_and_ended__are_ones_own(world: World, anna: Person) -> None:
    phone = Person(world, agent="Phone/1.0")
    phone.post("/api/auth/sign-in", email=ANNA, password=PASSWORD)
    stranger = holder(world, STRANGER)
    listed = anna.client.get("/api/account/sessions").json["sessions"]
    assert {s["agent"]: s["current"] for s in listed} == {USER_AGENT: True, "Phone/1.0": False}
    (other,) = (s["id"] for s in listed if not s["current"])
    refused = stranger.post("/api/account/sessions/end", id=other)
    assert (refused.status_code, said(refused)) == (404, "account.no_such_session")
    anna.post("/api/account/sessions/end", id=other)
    assert (phone.user, anna.user is None) == (None, False)


def test_sessions__signed_out_everywhere__command_lines_too(world: World, anna: Person) -> None:
    anna.link(CUSTOMER)
    bearer = world.sign_in(CUSTOMER)
    assert world.client.get("/api/tickets", headers=bearer).status_code == 200
    anna.post("/api/account/sessions/end-all")
    assert anna.user is None
    assert said(world.client.get("/api/tickets", headers=bearer)) == "auth.expired"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("email", {"email": ANNA}),
        ("password", {"password": PASSWORD}),
        ("wallets", {"message": "", "signature": ""}),
        ("wallets/unlink", {"address": CUSTOMER.address}),
        ("wallets/use", {"address": CUSTOMER.address}),
        ("sessions/end", {"id": "x"}),
        ("sessions/end-all", {}),
    ],
)
def test_account__nobody_signed_in__is_refused(world: World, path: str, body: dict[str, str]) -> None:
    answer = world.client.post(f"/api/account/{path}", json=body)
    assert (answer.status_code, said(answer)) == (401, "auth.required")
