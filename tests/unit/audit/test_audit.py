"""The audit finds what was slipped in, and never takes silence for "nothing is known"."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scripts.audit import advisories, locks
from scripts.audit.__main__ import main
from scripts.audit.finding import ROOT, Accepted, Explained, explained

NOTHING = Explained((), {})
TODAY = date(2026, 11, 22)
LOCKED = ("pyproject.toml", "uv.lock")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Manifests and locks, to be tampered with."""
    for project in locks.ENVIRONMENTS:
        (tmp_path / project).mkdir(parents=True, exist_ok=True)
        for name in LOCKED:
            shutil.copy(ROOT / project / name, tmp_path / project / name)
    (tmp_path / "scripts/install").mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "scripts/install/install.sh"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def changed(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))


def test_locks__as_they_are__are_pinned_and_said(copy: Path) -> None:
    assert list(locks.pinned(copy)) == []
    assert list(locks.scripts_unused(copy)) == []
    assert list(locks.still_explained(explained(), TODAY)) == []
    assert list(locks.in_step(Path("uv"), copy, runs=lambda command: True)) == []


@pytest.mark.parametrize(
    ("file", "before", "after", "code"),
    [
        ("uv.lock", 'hash = "sha256:', 'was = "sha256:', "hash.missing"),
        ("contracts/uv.lock", 'hash = "sha256:', 'hash = "md5:', "hash.missing"),
        (
            "fl_nodes/uv.lock",
            'registry = "https://pypi.org/simple"',
            'url = "https://evil.example/x.whl"',
            "source.unknown",
        ),
        ("package-lock.json", '"integrity": "sha512-', '"integrity": "sha1-', "hash.missing"),
        (
            "package-lock.json",
            '"integrity": ',
            '"resolved": "git+ssh://evil.example/x", "integrity": ',
            "source.unknown",
        ),
    ],
)
def test_locks__a_package_from_elsewhere_or_without_its_hash__is_found(
    copy: Path, file: str, before: str, after: str, code: str
) -> None:
    changed(copy / file, before, after)
    assert [finding.code for finding in locks.pinned(copy)] == [code]


def test_locks__another_version_in_the_manifest__is_found(copy: Path) -> None:
    manifest = json.loads((copy / "package.json").read_text())
    name = next(iter(manifest["dependencies"]))
    manifest["dependencies"][name] = "0.0.1"
    (copy / "package.json").write_text(json.dumps(manifest))
    stale = locks.in_step(Path("uv"), copy, runs=lambda command: "contracts" not in command[-1])
    assert [finding.package for finding in stale] == ["contracts/uv.lock", "package-lock.json"]


def test_install__that_lets_npm_run_scripts__is_found(copy: Path) -> None:
    changed(copy / "scripts/install/install.sh", "npm ci --ignore-scripts", "npm ci")
    assert [finding.code for finding in locks.scripts_unused(copy)] == ["npm.scripts"]


def test_licences__one_that_nobody_knows__is_found(copy: Path) -> None:
    changed(copy / "package-lock.json", '"license": ', '"licence": ')
    assert [finding.code for finding in locks.licences(explained(), copy)] == ["licence.unknown"]


def test_accepted_advisories__past_their_date_or_of_no_package__are_found() -> None:
    due = Accepted("GHSA-1", "pypi:flask", "It cannot hurt.", date(2026, 11, 21))
    moot = Accepted("GHSA-2", "npm:no-such-package", "It cannot hurt.", date(2030, 1, 1))
    found = locks.still_explained(Explained((due, moot), {}), TODAY)
    assert [finding.code for finding in found] == ["advisory.due", "advisory.moot"]


@pytest.mark.parametrize("reason", ["", 'reason = " "'])
def test_accepted_advisory__without_a_reason__is_refused(tmp_path: Path, reason: str) -> None:
    file = tmp_path / "explained.toml"
    file.write_text(f'[[advisory]]\nid = "X"\npackage = "npm:x"\nuntil = 2030-01-01\n{reason}\n')
    with pytest.raises(ValueError, match=r"reason"):
        explained(file)


# --- advisories -----------------------------------------------------------------------------------


def service(knows: dict[str, list[str]], silent: tuple[str, ...] = ()) -> Callable[[list[str]], str]:
    """pip-audit with a service that knows so much."""

    def told(command: list[str]) -> str:
        asked = Path(command[-1]).read_text().split()
        entries: list[dict[str, Any]] = []
        for name, version in (package.split("==") for package in asked):
            if name in silent:
                entries.append({"name": name, "skip_reason": "not found"})
            else:
                vulns = [{"id": known, "aliases": [], "fix_versions": ["9"]} for known in knows.get(name, [])]
                entries.append({"name": name, "version": version, "vulns": vulns})
        return json.dumps({"dependencies": entries, "fixes": []})

    return told


def test_python__advisory__is_found_unless_it_is_accepted() -> None:
    told = service({"jinja2": ["PYSEC-1"], "flask": ["GHSA-9"]})
    asked = advisories.python(["flask==3.1.0", "requests==2.0"], NOTHING, told)
    assert (asked.answered, [finding.package for finding in asked.findings]) == (True, ["pypi:flask"])
    accepted = Explained((Accepted("GHSA-9", "pypi:flask", "It cannot hurt.", TODAY),), {})
    assert advisories.python(["flask==3.1.0"], accepted, told) == advisories.Asked(True)


@pytest.mark.parametrize(
    "told",
    [
        lambda command: "",
        lambda command: "no JSON",
        service({}),
        service({}, silent=("jinja2",)),
        service({"jinja2": ["PYSEC-1"]}, silent=("flask",)),
    ],
    ids=["nothing came", "nonsense came", "knows nothing at all", "skips the canary", "skips one of ours"],
)
def test_python__service_that_does_not_answer__decides_nothing(told: Callable[[list[str]], str]) -> None:
    asked = advisories.python(["flask==3.1.0"], NOTHING, told)
    assert not asked.answered
    assert asked.why


def test_batches__two_versions_of_one_package__are_asked_about_apart() -> None:
    assert advisories.batches(["a==1", "b==1", "a==2"]) == [["a==1", "b==1"], ["a==2"]]


def test_npm__report__is_read_and_a_refusal_decides_nothing() -> None:
    via = {"source": 7, "url": "https://github.com/advisories/GHSA-7", "range": "<2"}
    report = {"auditReportVersion": 2, "vulnerabilities": {"ws": {"via": [via]}, "ganache": {"via": ["ws"]}}}
    asked = advisories.npm(NOTHING, lambda command: json.dumps(report))
    assert (asked.answered, [finding.says for finding in asked.findings]) == (True, ["<2: GHSA-7."])
    accepted = Explained((Accepted("GHSA-7", "npm:ws", "It cannot hurt.", TODAY),), {})
    assert advisories.npm(accepted, lambda command: json.dumps(report)) == advisories.Asked(True)
    refused = advisories.npm(NOTHING, lambda command: '{"message": "405 Method Not Allowed"}')
    assert (refused.answered, refused.why) == (False, "npm: 405 Method Not Allowed")
    assert not advisories.npm(NOTHING, lambda command: "").answered


@pytest.mark.parametrize(("answered", "status"), [(True, 0), (False, 3)])
def test_command__nobody_answered__is_no_success(monkeypatch, capsys, answered: bool, status: int) -> None:
    monkeypatch.setattr(locks, "in_step", lambda uv: iter(()))
    for name in ("npm", "python"):
        monkeypatch.setattr(
            advisories, name, lambda *_: advisories.Asked(answered, why="" if answered else "silence")
        )
    assert main(["--json"]) == status
    assert json.loads(capsys.readouterr().out)["advisories"] == ("asked" if answered else "unknown")
