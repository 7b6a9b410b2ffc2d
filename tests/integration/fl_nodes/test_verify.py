"""`ecodml verify`: a bundle of a real cheat shows it; of an honest node it does not; a changed one never does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fl_nodes.adversary import load_adversary
from fl_nodes.cli.verify import main
from fl_nodes.protocol import bundle
from fl_nodes.protocol.hashing import canonical_json
from fl_nodes.protocol.tasks import ValidationReport
from fl_nodes.training.tensors import from_file, to_file
from tests.integration.fl_nodes.accusation import Accusation, accused, pack
from tests.integration.fl_nodes.job_world import World
from tests.integration.fl_nodes.object_server import Store, serving

ADVERSARIES = Path(__file__).parents[3] / "examples" / "adversaries"
TRAINERS = tuple("0x" + digits * 20 for digits in ("a1", "a2", "a3"))
VALIDATORS = tuple("0x" + digits * 20 for digits in ("b1", "b2", "b3"))
CULPRIT, *OTHERS = TRAINERS


class Liar:
    """Replaces the middle checkpoint after training went on from the true one: its segment 1 does not follow."""

    def on_segment(self, weights, context):
        return [w + np.float32(0.3) for w in weights] if context["segment"] == 1 else None


def framed(report: ValidationReport) -> ValidationReport:
    """Validators that lie about an honest node."""
    lies = tuple(replace(r, matches=False, distance_ppm=400_000) for r in report.replays)
    return replace(report, replays=lies)


@pytest.fixture(scope="module")
def middle(tmp_path_factory: pytest.TempPathFactory) -> Accusation:
    """A cheat in a segment between two checkpoints."""
    with serving() as store:
        return accused(World(store, tmp_path_factory.mktemp("middle")), CULPRIT, OTHERS, VALIDATORS, Liar())


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    def tell(path: Path | str, *options: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        status = main([str(path), *options, "--json"])
        return status, json.loads(capsys.readouterr().out)

    return tell


def failed(document: dict[str, Any]) -> set[str]:
    return {f["name"] for f in document["findings"] if f["outcome"] == "failed"}


def test_verify__a_cheat_between_checkpoints__is_shown(middle: Accusation, told, tmp_path: Path) -> None:
    path = middle.write(tmp_path / "b.tar")
    assert (bundle.START in middle.parts, bundle.END in middle.parts) == (True, True)
    status, document = told(path, "--id", middle.manifest(middle.parts).id)
    assert (status, document["guilty"], document["accused"]) == (0, True, CULPRIT)
    assert document["segment"] == 1
    open_questions = {f["name"] for f in document["findings"] if f["outcome"] == "not-checkable"}
    assert open_questions == {"chain"}


@pytest.mark.parametrize(
    "name",
    ["label_flip.py:LabelFlip", "poison.py:PoisonedUpdate", "free_ride.py:FreeRider", "lazy.py:LazyTrainer"],
)
def test_verify__a_cheat_of_the_examples__is_shown(world: World, told, tmp_path: Path, name: str) -> None:
    outside = load_adversary(str(ADVERSARIES / name))._outside
    status, _ = told(accused(world, CULPRIT, OTHERS, VALIDATORS, outside).write(tmp_path / "b.tar"))
    assert status == 0


def test_verify__a_node_framed_by_its_validators__is_not_shown_guilty(
    world: World, told, tmp_path: Path
) -> None:
    status, document = told(
        accused(world, CULPRIT, OTHERS, VALIDATORS, said=framed).write(tmp_path / "b.tar")
    )
    assert (status, failed(document)) == (1, {"replay"})


def test_verify__by_url__is_the_same(middle: Accusation, store: Store, told, tmp_path: Path) -> None:
    store.objects["b.tar"] = middle.write(tmp_path / "b.tar").read_bytes()
    assert told(store.ref("b.tar").url)[0] == 0
    status, document = told(store.ref("b.tar").url.replace("b.tar", "none.tar"))
    assert (status, document["error"]["code"]) == (2, "verify.url")


# --- tampering -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(bundle.PARTS))
def test_tampered__any_part_under_the_old_manifest__is_found(
    middle: Accusation, told, tmp_path: Path, name: str
) -> None:
    data = bytearray(middle.parts[name])
    data[-1] ^= 1 if name.endswith("safetensors") else 0
    changed = bytes(data) if name.endswith("safetensors") else bytes(data) + b"\n"
    path = pack(tmp_path / "b.tar", middle.manifest(middle.parts), middle.parts | {name: changed})
    status, document = told(path)
    assert status == 1
    assert "parts" in failed(document)


@pytest.mark.parametrize("name", ["model", "shard", "update", "start", "end"])
def test_tampered__a_file_with_a_manifest_to_match__is_found(
    middle: Accusation, told, tmp_path: Path, name: str
) -> None:
    arrays = from_file(middle.parts[f"{name}.safetensors"])
    first = min(arrays)
    other = to_file(arrays | {first: arrays[first] + np.float32(0.5)})
    path = middle.write(tmp_path / "b.tar", **{name: other})
    status, document = told(path)
    assert status == 1
    assert failed(document) & {"work", "checkpoints"}


@pytest.mark.parametrize("name", ["start", "end"])
def test_tampered__a_checkpoint_left_out__is_found(
    middle: Accusation, told, tmp_path: Path, name: str
) -> None:
    status, document = told(middle.write(tmp_path / "b.tar", **{name: None}))
    assert (status, failed(document)) == (1, {"checkpoints"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("culprit", TRAINERS[1]),
        ("round", 2),
        ("segment", 0),
        ("segment", 99),
        ("segments", "another draw"),
        ("segments", []),
        ("nonce", "77" * 32),
        ("nonce", "zz"),
        ("start_path", []),
        ("end_path", ["L" + "00" * 32]),
        ("signatures", []),
        ("signatures", ["0x" + "11" * 65] * 3),
        ("training", "learning_rate"),
        ("training", "seed"),
        ("architecture", {}),
    ],
)
def test_tampered__any_field_of_the_claim__is_found(
    middle: Accusation, told, tmp_path: Path, field: str, value: Any
) -> None:
    claim = middle.claim
    if field == "training":
        claim["training"][value] = claim["training"][value] * 2 + 1
    elif value == "another draw":
        undrawn = next(i for i in range(99) if i not in claim["segments"])
        claim["segments"] = sorted((claim["segment"], undrawn))
    else:
        claim[field] = value
    status, document = told(middle.write(tmp_path / "b.tar", claim=canonical_json(claim)))
    assert status == 1
    assert failed(document)


def _other(task: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    changed = json.loads(json.dumps(task))
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return changed


@pytest.mark.parametrize(
    "change",
    [
        lambda t: _other(t, "job_id", to="0x" + "12" * 32),
        lambda t: _other(t, "chain_id", to=1),
        lambda t: _other(t, "escrow", to="0x" + "33" * 20),
        lambda t: _other(t, "outcome", to="settle"),
        lambda t: _other(t, "culprits", to=[]),
        lambda t: _other(t, "culprits", to=[TRAINERS[1]]),
        lambda t: _other(t, "trainers", to=list(TRAINERS[:2])),
        lambda t: _other(t, "reports", to=t["reports"][:1]),
        lambda t: _other(t, "reports", 0, "tolerance", to=1e-6),
        lambda t: _other(t, "reports", 0, "environment", to="elsewhere"),
        lambda t: _other(t, "reports", 0, "replays", 0, "distance_ppm", to=1),
        lambda t: _other(t, "commitments", 0, "environment", to="elsewhere"),
        lambda t: _other(t, "commitments", 1, "loss", to=0.0),
        lambda t: _other(t, "validator_keys", VALIDATORS[0], to="0x" + "44" * 20),
        lambda t: _other(t, "trainer_keys", CULPRIT, to="0x" + "44" * 20),
    ],
)
def test_tampered__what_was_said__is_found(middle: Accusation, told, tmp_path: Path, change) -> None:
    task = change(json.loads(middle.parts[bundle.VERDICT]))
    status, document = told(middle.write(tmp_path / "b.tar", verdict=canonical_json(task)))
    assert status == 1
    assert failed(document) & {"verdict", "statements", "choice"}


def test_tampered__commitments_that_choose_another_segment__are_found(
    world: World, told, tmp_path: Path
) -> None:
    world.spec = replace(world.spec, segment_steps=1, local_epochs=4)
    outside = load_adversary(str(ADVERSARIES / "poison.py:PoisonedUpdate"))._outside
    made = accused(world, CULPRIT, OTHERS, VALIDATORS, outside, samples=8)
    assert told(made.write(tmp_path / "b.tar"))[0] == 0
    task = json.loads(made.parts[bundle.VERDICT])
    fewer = canonical_json(task | {"commitments": task["commitments"][:2]})
    again = canonical_json(made.claim | {"unrevealed": [task["commitments"][1]]})
    for changed in ({"verdict": fewer}, {"claim": again}):
        status, document = told(made.write(tmp_path / "b.tar", **changed))
        assert (status, failed(document)) == (1, {"choice"})


def test_tampered__another_id_than_named__is_found(middle: Accusation, told, tmp_path: Path) -> None:
    status, document = told(middle.write(tmp_path / "b.tar"), "--id", "00" * 32)
    assert (status, failed(document)) == (1, {"parts"})


# --- what is no bundle ----------------------------------------------------------------------------------------------


def test_verify__what_is_no_bundle__is_unusable(middle: Accusation, told, tmp_path: Path) -> None:
    path = tmp_path / "b.tar"
    good = middle.write(path).read_bytes()
    for content in (b"", b"nonsense" * 200, good[:1500], good[512:], good[:512] + b"[" + good[513:]):
        path.write_bytes(content)
        status, document = told(path)
        assert (status, document["error"]["code"]) == (2, "bundle.unreadable")
    assert told(tmp_path / "none.tar")[0] == 2
    status, document = told(middle.write(path, shard=None))
    assert (status, document["error"]["code"]) == (2, "bundle.incomplete")
    status, document = told(middle.write(path, claim=b"[]"))
    assert (status, document["error"]["code"]) == (2, "bundle.unreadable")


def test_verify__a_part_that_climbs_out__is_unusable(middle: Accusation, told, tmp_path: Path) -> None:
    path = pack(tmp_path / "b.tar", middle.manifest(middle.parts), middle.parts | {"../evil": b"x"})
    assert told(path)[1]["error"]["code"] == "bundle.unreadable"
    assert not (tmp_path.parent / "evil").exists()


def test_verify__rpc_without_contracts__is_unusable(middle: Accusation, told, tmp_path: Path) -> None:
    status, document = told(middle.write(tmp_path / "b.tar"), "--rpc", "http://127.0.0.1:9")
    assert (status, document["error"]["code"]) == (2, "verify.deployments")


def test_help__explains_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "Exit status" in capsys.readouterr().out
