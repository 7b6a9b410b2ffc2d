"""What anyone may ask: configuration, nodes, faucet, health, metrics, pages; and how errors look."""

import threading
from dataclasses import replace
from pathlib import Path

from backend.api.nodes import eco
from backend.domain.budget import OVER_BUDGET
from backend.domain.ticket import Alert, Status
from backend.energy.statement import results
from backend.errors import Recoverable
from fl_nodes.protocol.tasks import Role
from tests.support.api_world import CUSTOMER, ESCROW, STRANGER, World, node_of
from tests.support.jobs import settle_verdict
from tests.unit.energy.statements import CLEAN, DIRTY, inputs


def test_config__names_the_contracts_and_limits(world: World) -> None:
    config = world.client.get("/api/config").json
    assert config["market"]["contracts"]["JobEscrow"] == {"address": ESCROW, "abi": [], "block": 1}
    told_wallets = {name: config["market"][name] for name in ("name", "coin", "explorer_url")}
    assert told_wallets == {"name": "EcoDML market", "coin": "ETH", "explorer_url": None}
    assert config["confirmations"] == 1
    assert config["commission_bps"] == 200
    assert config["limits"]["minimum_deadline_seconds"] == 45
    assert config["faucet"] is False


def test_nodes__listed_and_shown_with_their_jobs(world: World) -> None:
    node = node_of(STRANGER, CUSTOMER)
    world.nodes.mirror(node)
    world.running(trainers=(CUSTOMER.address, "0xB"))
    assert [n["name"] for n in world.client.get("/api/nodes").json["nodes"]] == ["sun-1"]
    shown = world.client.get(f"/api/nodes/{CUSTOMER.address.lower()}").json
    assert shown["node"]["available"] is False
    assert [(job["role"], job["status"]) for job in shown["jobs"]] == [("trainer", "RUNNING")]
    assert world.client.get(f"/api/nodes/{STRANGER.address}").json["error"]["code"] == "node.unknown"
    assert world.client.get("/api/nodes/0x12").json["error"]["code"] == "address.invalid"


def test_nodes__a_job_that_paid__shows_why_to_everybody_and_to_its_customer(world: World) -> None:
    trainers = (CUSTOMER.address, "0xB")
    ticket = world.running(trainers=trainers)
    spec = replace(ticket.spec, scheme="accuracy")
    paid = replace(
        ticket,
        id="t_paid",
        ref="0x" + "09" * 32,
        job_id="0x" + "08" * 32,
        spec=spec,
        verdict=settle_verdict(trainers, ticket.quote.fee_wei),
    )
    world.tickets.add(paid)
    world.nodes.mirror(node_of(STRANGER, CUSTOMER))
    jobs = world.client.get(f"/api/nodes/{CUSTOMER.address}").json["jobs"]
    (line,) = next(job for job in jobs if job["pay"])["pay"]["lines"]
    assert (line["payee"], line["amount_wei"]) == (CUSTOMER.address, paid.verdict.amounts_wei[0])
    assert [part["name"] for part in line["parts"]] == ["accuracy"]
    shown = world.client.get("/api/tickets/t_paid", headers=world.sign_in()).json["ticket"]["pay"]
    assert [line["amount_wei"] for line in shown["lines"]] == list(paid.verdict.amounts_wei)
    assert sum(map(int, paid.verdict.amounts_wei)) + int(shown["commission_wei"]) == paid.quote.fee_wei


def test_faucet__none_here__is_closed(world: World) -> None:
    answer = world.client.post("/api/faucet", json={"address": CUSTOMER.address})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "faucet.closed")


def test_faucet__open__gives_to_a_checked_address(tmp_path: Path) -> None:
    asked: list[str] = []
    world = World(tmp_path, changes={"faucet": lambda address: asked.append(address) or (5, 7)})
    given = world.client.post("/api/faucet", json={"address": CUSTOMER.address.lower()})
    assert given.json == {"dml_wei": "5", "native_wei": "7"}
    assert world.client.post("/api/faucet", json={"address": "me"}).json["error"]["code"] == "address.invalid"
    assert asked == [CUSTOMER.address]


def test_health__parts_that_take_their_time__are_asked_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(3, timeout=30)

    def slow() -> str:
        together.wait()
        return "answers"

    world = World(tmp_path, changes={"probes": {"one": slow, "two": slow, "three": slow}})
    parts = world.client.get("/api/health").json["parts"]
    assert {name: parts[name]["ok"] for name in ("one", "two", "three")} == dict.fromkeys(
        ("one", "two", "three"), True
    )


def test_metrics__areas_that_take_their_time__are_read_at_once(tmp_path: Path, monkeypatch) -> None:
    world = World(tmp_path)
    together = threading.Barrier(3, timeout=30)

    def slow(*_asked, **_how):
        together.wait()
        raise Recoverable("database.unreachable", "The database does not answer.")

    for store, verb in ((world.tickets, "find"), (world.tickets.effects, "standing"), (world.seats, "all")):
        monkeypatch.setattr(store, verb, slow)
    told = world.client.get("/metrics").text
    assert not together.broken
    assert 'ecodml_readable{of="outbox"} 0.0' in told


def test_health__parts_missing__says_which(tmp_path: Path) -> None:
    def dead() -> str:
        raise Recoverable("mail.unreachable", "The mail server does not answer.")

    world = World(tmp_path, changes={"probes": {"mail": dead}})
    at = world.clock()
    world = World(
        tmp_path,
        clock=world.clock,
        changes={
            "probes": {"mail": dead},
            "heartbeats": lambda: {"dispatcher": [at - 60, at - 3, at - 4], "settler": [at - 60], "new": []},
        },
    )
    health = world.client.get("/api/health").json
    assert health["status"] == "degraded"
    assert {name: part["ok"] for name, part in health["parts"].items()} == {
        "database": True,
        "market chain": True,
        "mail": False,
        "dispatcher": True,
        "settler": False,
        "new": False,
        "aggregator": False,
        "evaluator": False,
        "nodes": False,
    }
    assert health["parts"]["dispatcher"]["detail"] == "2 alive, last sign of life 3 s ago"
    assert health["parts"]["mail"]["detail"] == "The mail server does not answer."


def test_metrics__count_tickets_by_status(world: World) -> None:
    world.running()
    world.quote()
    text = world.client.get("/metrics").text
    assert 'ecodml_tickets{status="RUNNING"} 1.0' in text
    assert 'ecodml_tickets{status="QUOTED"} 1.0' in text
    assert all(f'ecodml_nodes_online{{role="{role.value}"}} 0.0' in text for role in Role)
    assert 'ecodml_tasks{state="open"} 0.0' in text


def test_energy_of_jobs__is_counted_for_everybody_and_scored_by_node(world: World) -> None:
    done = replace(
        world.running(),
        id="t_done",
        job_id="0xdone",
        ref="0xother",
        status=Status.SETTLED,
        trainers=(CLEAN, DIRTY),
        carbon=results(inputs()),
        alerts=(Alert(OVER_BUDGET, "Too much.", 1),),
    )
    world.tickets.add(done)
    text = world.client.get("/metrics").text
    assert 'ecodml_energy_joules{class="measured"} 36.0' in text
    assert "ecodml_carbon_grams 0.0076" in text
    assert "ecodml_tickets_over_energy_budget 1.0" in text
    clean, dirty = (eco([done], node) for node in (CLEAN, DIRTY))
    assert clean is not None
    assert dirty is not None
    assert clean["score"] > dirty["score"]
    assert clean["jobs"] == 1
    assert eco([done], STRANGER.address) is None


def test_pages__carry_a_policy_that_allows_no_inline_script(world: World) -> None:
    for path in ("/", "/tickets/t_1"):
        page = world.client.get(path)
        assert page.status_code == 200
        assert "script-src 'self';" in page.headers["Content-Security-Policy"]
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "<script>" not in page.text
        assert " style=" not in page.text


def test_static__only_the_pages_own_files__are_served(world: World) -> None:
    assert world.client.get("/static/app.js").mimetype == "text/javascript"
    for path in (
        "/static/../pyproject.toml",
        "/static/index.html",
        "/static/%2e%2e/pyproject.toml",
        "/vendor/app.js",
    ):
        assert world.client.get(path).status_code == 404


def test_unknown_address_and_method__are_json_too(world: World) -> None:
    assert world.client.get("/nowhere").json["error"]["code"] == "request.unknown"
    assert world.client.put("/api/config").json["error"]["code"] == "request.method"
    large = world.client.post("/api/auth/login", data=b"x" * 4_000_001)
    assert (large.status_code, large.json["error"]["code"]) == (413, "request.too_large")


def test_bug__leaves_no_trace_on_the_wire(tmp_path: Path) -> None:
    def crash(_: str) -> tuple[int, int]:
        raise RuntimeError("secret detail")

    world = World(tmp_path, changes={"faucet": crash})
    answer = world.client.post("/api/faucet", json={"address": CUSTOMER.address})
    assert (answer.status_code, answer.json["error"]["code"]) == (500, "server.bug")
    assert "secret" not in answer.text


def test_intensity__a_zone__is_told_with_its_source_and_the_coming_hours(world: World) -> None:
    told = world.client.get("/api/intensity/es?hours=3").json
    assert told["known"]
    assert (told["now"]["zone"], told["now"]["mg_per_kwh"]) == ("ES", 174_050)
    assert [hour["hour"] - told["now"]["hour"] for hour in told["ahead"]] == [0, 1, 2]
    unknown = world.client.get("/api/intensity/MARS").json
    assert (unknown["known"], unknown["now"]["zone"], len(unknown["ahead"])) == (False, "WORLD", 24)
    for hours in ("0", "73", "-1", "x", "\u00b2"):
        refused = world.client.get("/api/intensity/ES", query_string={"hours": hours})
        assert refused.json["error"]["code"] == "intensity.hours"
