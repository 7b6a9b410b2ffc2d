"""Dashboard and alerts ask for metrics that exist, and every alert says what to do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from backend.adapters.chain import counted
from backend.bootstrap.watched import ChainWatch
from backend.errors import Recoverable
from tests.support.api_world import World

ROOT = Path(__file__).resolve().parents[3]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "ecodml.json"
WORDS = set(
    re.findall(
        r"\w+",
        "abs absent and by clamp_min count for histogram_quantile ignoring increase le max min on or rate sum topk unless without",
    )
)
OF_PROMETHEUS = {"up"}
LABELS = re.compile(r"\{[^}]*\}|\[[^]]*\]|\"[^\"]*\"")
GROUPED = re.compile(r"\b(?:by|without|on|ignoring)\s*\([^)]*\)")


class Heads:
    """A chain at block 9 whose market holds what it owes, followed up to block 4."""

    def differences_wei(self) -> dict[str, int]:
        return {"escrow": 0, "deposits": 0}

    def load(self, name: str) -> int | None:
        return 5 if name == "market/events" else None


def asked(expression: str) -> set[str]:
    bare = GROUPED.sub(" ", LABELS.sub(" ", expression))
    return set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", bare)) - WORDS


def watch() -> ChainWatch:
    heads: Any = Heads()
    return ChainWatch(heads, {"market": lambda: 9, "carbon": lambda: 9}, heads)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all samples that API, dispatcher and settler show."""
    folder = tmp_path_factory.mktemp("world")
    plain = World(folder)
    changes = {
        "heartbeats": lambda: {"settler": [plain.clock()]},
        "settings": replace(plain.parts.settings, state_dir=folder),
    }
    world = World(folder, changes=changes)
    world.client.get("/api/nodes")
    counted.begin("market")
    text = world.client.get("/metrics").text
    api = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    ours = {sample.name for family in (*watch().collect(), *REGISTRY.collect()) for sample in family.samples}
    return api | ours | OF_PROMETHEUS


def alerts() -> dict[str, str]:
    text = ALERTS.read_text(encoding="utf-8")
    return dict(re.findall(r"- alert: (\w+)\n\s+expr: (.+)", text))


def expressions() -> Iterator[tuple[str, str]]:
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def test_alerts__every_metric_they_ask_for__is_shown(shown: set[str]) -> None:
    assert len(alerts()) >= 15
    missing = {name: asked(expr) - shown for name, expr in alerts().items() if asked(expr) - shown}
    assert missing == {}


def test_dashboard__every_metric_it_asks_for__is_shown(shown: set[str]) -> None:
    missing = {title: asked(expr) - shown for title, expr in expressions() if asked(expr) - shown}
    assert len(list(expressions())) > 20
    assert missing == {}


def test_metrics__every_one_of_ours__is_in_the_dashboard_or_an_alert(shown: set[str]) -> None:
    used = set().union(*(asked(e) for e in alerts().values()), *(asked(e) for _, e in expressions()))
    histograms = re.compile(r"_(bucket|count|sum|created|total)$")
    unused = {name for name in shown if name.startswith("ecodml_") and name not in used}
    assert {n for n in unused if histograms.sub("", n) not in {histograms.sub("", u) for u in used}} == set()


def test_alerts__each__has_its_line_for_whoever_is_woken() -> None:
    page = (ROOT / "docs" / "admin.md").read_text(encoding="utf-8")
    section = page[page.index("## When an alert comes") : page.index("## Refusals")]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(alerts())


def test_alerts__each__has_a_severity_and_a_summary() -> None:
    text = ALERTS.read_text(encoding="utf-8")
    assert len(re.findall(r"labels: \{severity: (?:page|ticket)\}", text)) == len(alerts())
    assert len(re.findall(r"summary: \".+\.?\"", text)) == len(alerts())


def test_rules__by_prometheus_own_tool__are_sound_and_fire_as_told() -> None:
    tool = shutil.which("promtool") or next(
        map(str, (ROOT / ".tools").glob("prometheus/usr/bin/promtool")), None
    )
    if tool is None:
        pytest.skip("promtool is not here: scripts/install/install.sh --with-promtool")
    for arguments in (["check", "config", "prometheus.yml"], ["test", "rules", "alerts_test.yml"]):
        ran = subprocess.run(
            [tool, *arguments], cwd=ALERTS.parent, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_mirror__behind_its_chain__is_told_in_blocks() -> None:
    behind = next(family for family in watch().collect() if family.name == "ecodml_mirror_behind_blocks")
    assert {(s.labels["mirror"]): s.value for s in behind.samples}["market/events"] == 5


def test_chain_watch__database_is_away__does_not_say_that_of_the_chains() -> None:
    class Away(Heads):
        def load(self, name: str) -> int | None:
            raise Recoverable("database.unreachable", "The database does not answer.")

    away: Any = Away()
    families = ChainWatch(away, {"market": lambda: 9, "carbon": lambda: 9}, away).collect()
    shown = {
        sample.labels["chain"]: sample.value
        for family in families
        for sample in family.samples
        if "answers" in sample.name
    }
    assert shown == {"market": 1, "carbon": 1}
