"""`ecodml audit`: what is taken from where, and how its findings are told."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from backend.adapters.signatures import EthSignatures
from backend.cli import audit as command
from backend.cli.__main__ import main
from backend.cli.terminal import Terminal
from backend.errors import Invalid
from backend.verification.job_audit import audit
from backend.verification.job_evidence import Papers
from backend.verification.job_pay import pay
from tests.unit.verification.market_story import JOB, STRANGER, Story, told

pytestmark = pytest.mark.unit

ADDRESS = "0x" + "11" * 20
MARKET = {
    "chain_id": 31337,
    "rpc_url": "http://127.0.0.1:1",
    "contracts": {
        n: {"address": ADDRESS, "abi": [], "block": 3} for n in ("DMLToken", "NodeStaking", "JobEscrow")
    },
}


def nobody() -> dict[str, Any]:
    raise AssertionError("the API was asked")


def deployments(folder: Path, document: Any) -> Path:
    path = folder / "deployments.json"
    path.write_text(json.dumps(document))
    return path


def audited(**change: Any) -> command.Audited:
    history = Story().running().settle().history()
    if change:
        history = told(history, "JobAssigned", **change)
    return command.Audited(history, audit(history, Papers(), EthSignatures()), pay(history, None))


def test_subject__job_id__asks_nobody() -> None:
    assert command.subject(JOB.upper().replace("0X", "0x"), lambda _: nobody()) == command.Subject(JOB)


def test_subject__ticket__is_asked_for_its_job_and_specification() -> None:
    spec = {"rounds": 1}
    found = command.subject("t_1", lambda ticket: {"job_id": JOB, "spec": spec} if ticket == "t_1" else {})
    assert found == command.Subject(JOB, spec)


def test_subject__broken_job_id__is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        command.subject("0x12", lambda _: nobody())
    assert refused.value.code == "audit.job"


def test_market__file_and_url_named__asks_nobody(tmp_path: Path) -> None:
    path = deployments(tmp_path, {"market": MARKET})
    network, url = command.market(path, "http://node", nobody)
    assert (network["JobEscrow"].address, url) == (ADDRESS, "http://node")
    assert command.market(path, None, nobody)[1] == "http://127.0.0.1:1"


def test_market__nothing_named__is_the_apis() -> None:
    network, url = command.market(None, None, lambda: {"market": MARKET})
    assert (network.chain_id, network.first_block, url) == (31337, 3, "http://127.0.0.1:1")
    assert command.market(None, "http://node", lambda: {"market": MARKET})[1] == "http://node"


@pytest.mark.parametrize("document", [{}, [], {"market": {}}, {"market": {**MARKET, "contracts": {}}}, "x"])
def test_market__unusable_deployments__are_refused(document: Any, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        command.market(deployments(tmp_path, document), None, nobody)
    assert refused.value.code == "audit.deployments"


def test_market__no_url_anywhere__is_refused(tmp_path: Path) -> None:
    path = deployments(tmp_path, {"market": {**MARKET, "rpc_url": ""}})
    with pytest.raises(Invalid) as refused:
        command.market(path, None, nobody)
    assert refused.value.code == "audit.rpc"


@pytest.mark.parametrize(
    ("option", "text", "code"),
    [
        ("--spec", "{", "audit.file"),
        ("--spec", "{}", "audit.spec"),
        ("--verdict", "[]", "audit.verdict"),
        ("--rounds", "{}", "audit.rounds"),
        ("--verdict", None, "audit.file"),
        ("--model", None, "audit.file"),
    ],
)
def test_main__unusable_file__is_refused_before_the_chain_is_asked(
    option: str, text: str | None, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "paper.json"
    if text is not None:
        path.write_text(text)
    named = ["--deployments", str(deployments(tmp_path, {"market": MARKET}))]
    assert main(["audit", JOB, *named, option, str(path), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


def test_main__deployments_of_other_contracts__are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = ["--deployments", str(deployments(tmp_path, {"market": MARKET}))]
    assert main(["audit", JOB, *named]) == 2
    assert capsys.readouterr().err.endswith("[audit.deployments]\n")


def test_document__findings__are_plain_json() -> None:
    terminal = Terminal(as_json=True, out=io.StringIO())
    terminal.finish(command.document(audited()))
    said = json.loads(terminal.out.getvalue())  # type: ignore[attr-defined]
    assert (said["job_id"], said["status"], said["ok"]) == (JOB, "Settled", True)
    assert {f["outcome"] for f in said["findings"]} == {"ok", "not-checkable"}
    for line in said["pay"]["lines"]:
        assert sum(int(part["wei"]) for part in line["parts"]) == int(line["amount_wei"])


def test_lines__everything_follows__says_so_and_what_was_left_open() -> None:
    assert command.lines(audited())[-1] == (
        "Everything that could be checked follows. Not checkable: spec, result, evidence, lineage."
    )


def test_lines__a_settled_job__tell_what_each_trainer_earned_by_what() -> None:
    found = audited()
    shown = command.lines(found)
    for line in found.pay.lines:
        place = next(i for i, text in enumerate(shown) if text.startswith(f"Share     {line.payee}"))
        assert line.parts[0].name in shown[place + 1]


def test_lines__something_does_not_follow__says_what_it_means() -> None:
    found = audited(validators=[STRANGER] * 3)
    assert not found.ok
    shown = command.lines(found)
    assert shown[-1].startswith("Does not follow: draw.")
    place = next(i for i, line in enumerate(shown) if line.startswith("FAILED         draw"))
    assert STRANGER in shown[place]
    assert "-> Somebody steered who judges this job" in shown[place + 1]
