"""Tickets: seen by their customer alone, uploaded to while funded, checked against the quote, cancelled in time."""

import hashlib

import pytest

from backend.api.links import link_token
from backend.domain.ticket import Status
from tests.support.api_world import CSV, STRANGER, World


def url_path(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8600")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/files"), ("POST", "/upload"), ("POST", "/uploaded"), ("POST", "/cancel")],
)
def test_ticket__of_another_customer__looks_like_none_at_all(world: World, method, path) -> None:
    ticket = world.funded()
    stranger = world.sign_in(STRANGER)
    theirs = world.client.open(f"/api/tickets/{ticket.id}{path}", method=method, headers=stranger)
    none = world.client.open(f"/api/tickets/t_{'0' * 20}{path}", method=method, headers=stranger)
    assert theirs.status_code == none.status_code == 404
    told = [one.json["error"] | {"request": ""} for one in (theirs, none)]
    assert told[0]["message"].replace(ticket.id, "ID") == told[1]["message"].replace(f"t_{'0' * 20}", "ID")
    assert told[0] | {"message": ""} == told[1] | {"message": ""}
    assert world.client.get("/api/tickets", headers=stranger).json["tickets"] == []


def test_ticket__running__shows_rounds_and_wei_as_text(world: World) -> None:
    ticket = world.running()
    shown = world.client.get(f"/api/tickets/{ticket.id}", headers=world.sign_in()).json["ticket"]
    assert shown["status"] == "RUNNING"
    assert shown["rounds"] == [
        {
            "number": 1,
            "root": "ab" * 32,
            "model_sha256": "cd" * 32,
            "metrics": {"accuracy": 0.5},
            "updates": [{"trainer": "0xA"}],
            "seconds": 1.5,
            "aggregation": None,
            "privacy": None,
            "asked": [],
            "late": [],
            "training_seconds": 0.0,
            "carbon": None,
            "closed_at": 0.0,
        }
    ]
    assert shown["fee_wei"] == str(ticket.quote.fee_wei)
    assert [moment["status"] for moment in shown["timeline"]] == [
        "QUOTED",
        "FUNDED",
        "UPLOADED",
        "QUEUED",
        "RUNNING",
    ]
    assert "email" not in shown
    assert "dataset_key" not in shown


def test_upload__before_payment__is_refused(world: World) -> None:
    ticket = world.quote()
    answer = world.client.post(f"/api/tickets/{ticket.id}/upload", headers=world.sign_in())
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "ticket.not_funded")


def test_upload__funded__takes_exactly_the_quoted_file(world: World) -> None:
    ticket = world.funded()
    headers = world.sign_in()
    place = world.client.post(f"/api/tickets/{ticket.id}/upload", headers=headers).json
    assert place["max_bytes"] == len(CSV)
    put = world.client.put(url_path(place["url"]), data=CSV)
    assert (put.status_code, put.json["sha256"]) == (201, hashlib.sha256(CSV).hexdigest())
    shown = world.client.post(f"/api/tickets/{ticket.id}/uploaded", headers=headers).json["ticket"]
    assert shown["status"] == "UPLOADED"
    again = world.client.post(f"/api/tickets/{ticket.id}/uploaded", headers=headers)
    assert again.json["ticket"]["version"] == shown["version"]


def test_uploaded__another_file_of_the_same_size__is_refused_and_can_be_sent_again(world: World) -> None:
    ticket = world.funded()
    headers = world.sign_in()
    place = url_path(world.client.post(f"/api/tickets/{ticket.id}/upload", headers=headers).json["url"])
    world.client.put(place, data=b"x" * len(CSV))
    answer = world.client.post(f"/api/tickets/{ticket.id}/uploaded", headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "upload.hash")
    assert world.tickets.get(ticket.id).status is Status.FUNDED
    world.client.put(place, data=CSV)
    assert world.client.post(f"/api/tickets/{ticket.id}/uploaded", headers=headers).status_code == 200


def test_uploaded__nothing_stored__is_refused(world: World) -> None:
    ticket = world.funded()
    answer = world.client.post(f"/api/tickets/{ticket.id}/uploaded", headers=world.sign_in())
    assert answer.json["error"]["code"] == "upload.missing"


def test_upload__after_the_deadline__is_refused(world: World) -> None:
    ticket = world.funded()
    world.clock.at = ticket.deadline
    answer = world.client.post(f"/api/tickets/{ticket.id}/upload", headers=world.sign_in())
    assert answer.json["error"]["code"] == "job.expired"


def test_cancel__before_the_start__gives_the_fee_back(world: World) -> None:
    ticket = world.funded()
    answer = world.client.post(f"/api/tickets/{ticket.id}/cancel", headers=world.sign_in())
    assert answer.json["ticket"]["status"] == "INVALID"
    assert [queued.effect.key for queued in world.tickets.effects.pending(["Cancel"])] == [
        f"{ticket.id}/cancel"
    ]


def test_cancel__while_nodes_work__is_refused(world: World) -> None:
    ticket = world.running()
    answer = world.client.post(f"/api/tickets/{ticket.id}/cancel", headers=world.sign_in())
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "ticket.forbidden")


def test_files__settled__lead_to_the_stored_bytes(world: World) -> None:
    ticket, model = world.settled()
    files = world.client.get(f"/api/tickets/{ticket.id}/files", headers=world.sign_in()).json["files"]
    assert files["model.json"]["sha256"] == model.sha256
    got = world.client.get(url_path(files["model.json"]["url"]))
    assert got.data == b'{"a":1}'
    assert "model.json" in got.headers["Content-Disposition"]


def test_link__valid_token__shows_the_ticket_and_redirects_to_its_files(world: World) -> None:
    ticket, _ = world.settled()
    token = link_token(world.parts.secret, ticket.id, int(world.clock()) + 60)
    assert world.client.get(f"/api/tickets/{ticket.id}?token={token}").json["ticket"]["id"] == ticket.id
    moved = world.client.get(f"/t/{ticket.id}/model.json?token={token}")
    assert moved.status_code == 302
    assert world.client.get(url_path(moved.headers["Location"])).data == b'{"a":1}'
    assert world.client.get(f"/t/{ticket.id}/other?token={token}").json["error"]["code"] == "file.unknown"


def test_link__wrong_ticket_time_or_text__opens_nothing(world: World) -> None:
    ticket, _ = world.settled()
    other = world.quote()
    at = int(world.clock())
    good = link_token(world.parts.secret, ticket.id, at + 60)
    wrong = [
        link_token(world.parts.secret, other.id, at + 60),
        link_token(world.parts.secret, ticket.id, at),
        link_token(b"x" * 32, ticket.id, at + 60),
        str(int(good.split(".")[0]) + 1) + "." + good.split(".")[1],
        "",
        "é.é",
        "9" * 5000 + ".a",
    ]
    for token in wrong:
        assert world.client.get(f"/api/tickets/{ticket.id}", query_string={"token": token}).status_code == 404
        assert (
            world.client.get(f"/t/{ticket.id}/model.json", query_string={"token": token}).status_code == 403
        )


def test_link__may_only_read(world: World) -> None:
    ticket = world.funded()
    token = link_token(world.parts.secret, ticket.id, int(world.clock()) + 60)
    assert world.client.post(f"/api/tickets/{ticket.id}/cancel?token={token}").status_code == 401


def test_tickets__more_than_a_page__go_on_from_the_last_one_shown(world: World) -> None:
    made = [world.quote().id for _ in range(103)]
    first = world.client.get("/api/tickets?view=short", headers=world.sign_in()).json
    second = world.client.get(f"/api/tickets?before={first['next']}", headers=world.sign_in()).json
    shown = [t["id"] for t in [*first["tickets"], *second["tickets"]]]

    assert len(first["tickets"]) == 100
    assert sorted(shown) == sorted(made)
    assert second["next"] is None
    theirs = world.client.get(f"/api/tickets?before={made[0]}", headers=world.sign_in(STRANGER))
    assert (theirs.status_code, theirs.json["error"]["code"]) == (404, "ticket.unknown")


def test_tickets__short_view__has_what_a_list_shows(world: World) -> None:
    ticket, _ = world.settled()
    (line,) = world.client.get("/api/tickets?view=short", headers=world.sign_in()).json["tickets"]
    assert (line["id"], line["status"], line["rounds"], line["accuracy"]) == (ticket.id, "SETTLED", 1, 0.9)
    assert (line["fee_wei"], line["dataset"]["name"]) == (str(ticket.quote.fee_wei), "iris.csv")
    assert "verdict" not in line


def test_tickets__a_view_that_there_is_not__is_refused(world: World) -> None:
    answer = world.client.get("/api/tickets?view=long", headers=world.sign_in())
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "ticket.view")
