"""Signing up, confirming and signing in by e-mail, against those who guess, listen or type another's address."""

import pytest

from backend.domain.effects import SendAccountMail
from tests.support.accounts import Person, Post, said
from tests.support.api_world import CUSTOMER, World

ANNA, PASSWORD = "anna@example.org", "correct horse battery"


@pytest.fixture
def post(world: World) -> Post:
    return Post(world)


def sign_up(world: World, post: Post, email: str = ANNA, password: str = PASSWORD) -> Person:
    """Somebody with a confirmed account."""
    person = Person(world)
    assert person.post("/api/auth/sign-up", email=email, password=password).status_code == 202
    answer = person.post("/api/auth/verify", token=post.token(email), password=password)
    assert answer.status_code == 200, answer.text
    return person


def test_sign_up__confirmed__is_signed_in_and_again_by_password(world: World, post: Post) -> None:
    person = sign_up(world, post)
    user = person.user
    assert user is not None
    assert (user["email"], user["email_verified"], user["wallets"], user["address"]) == (ANNA, True, [], None)
    person.post("/api/auth/logout")
    assert person.user is None
    assert person.post("/api/auth/sign-in", email="Anna@Example.org", password=PASSWORD).status_code == 200
    assert person.user == user


def test_sign_up__before_the_letter_is_answered__nobody_gets_in(world: World, post: Post) -> None:
    person = Person(world)
    person.post("/api/auth/sign-up", email=ANNA, password=PASSWORD)
    assert person.user is None
    assert len(post.to(ANNA)) == 1
    assert said(person.post("/api/auth/sign-in", email=ANNA, password=PASSWORD)) == "account.unconfirmed"
    assert len(post.to(ANNA)) == 2
    assert person.post("/api/auth/verify", token=post.token(ANNA), password=PASSWORD).status_code == 200


def test_sign_up__with_somebodys_address__gets_nothing_by_their_click(world: World, post: Post) -> None:
    Person(world).post("/api/auth/sign-up", email=ANNA, password="the attacker knows this")
    anna, token = Person(world), post.token(ANNA)
    assert said(anna.post("/api/auth/verify", token=token)) == "account.password_needed"
    assert said(anna.post("/api/auth/verify", token=token, password=PASSWORD)) == "auth.password"
    anna.post("/api/auth/sign-up", email=ANNA, password=PASSWORD)
    reset = anna.post("/api/auth/reset", token=post.token(ANNA), password=PASSWORD)
    assert reset.status_code == 200
    attacker = Person(world)
    wrong = attacker.post("/api/auth/sign-in", email=ANNA, password="the attacker knows this")
    assert said(wrong) == "auth.password"
    assert anna.user["email_verified"]


def test_sign_up__address_that_has_an_account__looks_the_same_and_tells_its_owner(
    world: World, post: Post
) -> None:
    sign_up(world, post)
    stranger = Person(world)
    taken = stranger.post("/api/auth/sign-up", email=ANNA, password="another password")
    free = stranger.post("/api/auth/sign-up", email="free@example.org", password="another password")
    assert (taken.status_code, taken.json) == (free.status_code, free.json)
    assert "already" in post.to(ANNA)[-1].subject
    assert (
        said(stranger.post("/api/auth/sign-in", email=ANNA, password="another password")) == "auth.password"
    )


def test_sign_in__unknown_address_or_wrong_password__one_answer_and_equal_work(
    world: World, post: Post
) -> None:
    sign_up(world, post)
    answers, work = [], []
    for email in (ANNA, "nobody@example.org"):
        before = world.parts.passwords.verified
        answers.append(Person(world).post("/api/auth/sign-in", email=email, password="not it at all"))
        work.append(world.parts.passwords.verified - before)
    assert answers[0].status_code == answers[1].status_code == 403
    assert answers[0].json["error"] | {"request": ""} == answers[1].json["error"] | {"request": ""}
    assert work == [1, 1]


@pytest.mark.parametrize(
    "body",
    [
        {"email": {"$ne": None}, "password": {"$ne": None}},
        {"email": {"$gt": ""}, "password": PASSWORD},
        {"email": ["anna@example.org"], "password": PASSWORD},
        {"email": ANNA, "password": {"$regex": ".*"}},
        {"email": ANNA, "password": None},
        {"email": ANNA, "password": PASSWORD, "verified": True},
        {"email": ANNA},
    ],
)
def test_sign_in__operators_and_shapes__are_refused(world: World, post: Post, body) -> None:
    sign_up(world, post)
    for path in ("sign-in", "sign-up"):
        answer = world.client.post(f"/api/auth/{path}", json=body)
        assert (answer.status_code, said(answer)) == (400, "request.shape")


@pytest.mark.parametrize(
    "email", ["", "anna", "a@b", "a@b c.ch", "a\r\nBcc: x@y.ch", "a@b.ch\x00", "<a@b.ch>"]
)
def test_sign_up__no_mail_address__is_refused(world: World, email: str) -> None:
    answer = world.client.post("/api/auth/sign-up", json={"email": email, "password": PASSWORD})
    assert (answer.status_code, said(answer)) == (400, "email.invalid")


def test_sign_up__common_password__is_refused(world: World) -> None:
    answer = world.client.post("/api/auth/sign-up", json={"email": ANNA, "password": "Qwertyuiop"})
    assert said(answer) == "password.common"


def test_verify__token_used_forged_or_old__is_refused(world: World, post: Post) -> None:
    person = Person(world)
    person.post("/api/auth/sign-up", email=ANNA, password=PASSWORD)
    token = post.token(ANNA)
    for forged in ("", "x", token[:-2], token.replace(token[3], "A", 1), "e30.e30.e30"):
        assert said(person.post("/api/auth/verify", token=forged, password=PASSWORD)) == "account.link"
    assert said(person.post("/api/auth/reset", token=token, password=PASSWORD)) == "account.link"
    world.clock.at += 3 * 86_400 + 2
    assert said(person.post("/api/auth/verify", token=token, password=PASSWORD)) == "account.link"
    world.clock.at -= 3 * 86_400 + 2
    assert person.post("/api/auth/verify", token=token, password=PASSWORD).status_code == 200
    assert said(person.post("/api/auth/verify", token=token, password=PASSWORD)) == "account.link"


def test_forgot__known_or_not__looks_the_same(world: World, post: Post) -> None:
    sign_up(world, post)
    known = Person(world).post("/api/auth/forgot", email=ANNA)
    unknown = Person(world).post("/api/auth/forgot", email="nobody@example.org")
    assert (known.status_code, known.json) == (unknown.status_code, unknown.json) == (202, {"ok": True})
    assert "new password" in post.to(ANNA)[-1].subject
    assert post.to("nobody@example.org") == []


def test_reset__by_the_letter__works_once_and_ends_all_other_sessions(world: World, post: Post) -> None:
    elsewhere = sign_up(world, post)
    person = Person(world)
    person.post("/api/auth/forgot", email=ANNA)
    first = post.token(ANNA)
    person.post("/api/auth/forgot", email=ANNA)
    second = post.token(ANNA)
    assert said(person.post("/api/auth/reset", token=first, password="short")) == "password.length"
    assert person.post("/api/auth/reset", token=first, password="a new password").status_code == 200
    assert elsewhere.user is None
    assert person.user["email"] == ANNA
    for used in (first, second):
        assert (
            said(Person(world).post("/api/auth/reset", token=used, password="and another")) == "account.link"
        )
    assert "changed" in post.to(ANNA)[-1].subject
    assert said(Person(world).post("/api/auth/sign-in", email=ANNA, password=PASSWORD)) == "auth.password"
    again = Person(world).post("/api/auth/sign-in", email=ANNA, password="a new password")
    assert again.status_code == 200


def test_reset__an_hour_later__is_refused(world: World, post: Post) -> None:
    sign_up(world, post)
    person = Person(world)
    person.post("/api/auth/forgot", email=ANNA)
    token = post.token(ANNA)
    world.clock.at += 3_602
    assert said(person.post("/api/auth/reset", token=token, password="a new password")) == "account.link"


def test_letters__waiting_to_be_sent__hold_no_secret(world: World, post: Post) -> None:
    person = Person(world)
    person.post("/api/auth/sign-up", email=ANNA, password=PASSWORD)
    (waiting,) = world.parts.effects.pending([SendAccountMail.__name__])
    token = post.token(ANNA)
    assert PASSWORD not in repr(waiting)
    assert token not in repr(waiting)


def test_sign_in__hash_of_other_parameters__is_made_anew(world: World, post: Post) -> None:
    sign_up(world, post)
    old = world.parts.users.by_email(ANNA)
    world.parts.passwords._work = 2  # what a new release of the library may do
    assert Person(world).post("/api/auth/sign-in", email=ANNA, password=PASSWORD).status_code == 200
    new = world.parts.users.by_email(ANNA)
    assert new.password_hash != old.password_hash
    assert not world.parts.passwords.outdated(new.password_hash)
    assert Person(world).post("/api/auth/sign-in", email=ANNA, password=PASSWORD).status_code == 200


def test_quote__without_a_wallet__is_refused_in_one_sentence(world: World, post: Post) -> None:
    person = sign_up(world, post)
    refused = person.post("/api/quotes")
    assert (refused.status_code, said(refused)) == (403, "account.no_wallet")
    assert person.client.get("/api/tickets").json["tickets"] == []
    assert person.link(CUSTOMER).status_code == 200
    assert said(person.post("/api/quotes")) == "request.shape"
