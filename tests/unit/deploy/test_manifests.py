"""The compose file and the Kubernetes manifests say the same as the local stack, with settings, files and routes that exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from backend import config
from backend.__main__ import PROCESSES
from scripts.stack.config import ROOT, StackConfig
from scripts.stack.keys import ROLES
from tests.support.api_world import World

DEPLOY = ROOT / "deploy"
MANIFESTS = sorted(
    path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml"
)
KUBERNETES = "1.33"
STACK = StackConfig(
    Path("/nowhere"), trainers=0, validators=0, backends=2, dispatchers=2, settlers=2, aggregators=2
)
OTHERS = {"market", "carbon", "mailsink"}
"""What an operator names by a setting: chains and mail."""
OUR_OWN = {"QUEUE_PASSWORD", "FRONT_LISTEN", "FRONT_BACKENDS", "FRONT_TRUSTED", "POD_NAME"}
MONITORED = {"/health/live", "/health/ready"}
"""What a dispatcher's and a settler's monitor answers besides its metrics."""
SECRET = {"MONGODB_URI", "ECODML_QUEUE_URL", "SMTP_URL"}


@cache
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


@cache
def manifests() -> dict[str, dict[str, dict[str, Any]]]:
    """By kind and name."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for path in MANIFESTS:
        for document in yaml.safe_load_all(path.read_text()):
            found.setdefault(document["kind"], {})[document["metadata"]["name"]] = document
    return found


def workloads() -> dict[str, dict[str, Any]]:
    return {**manifests()["Deployment"], **manifests()["StatefulSet"]}


def container(workload: dict[str, Any]) -> dict[str, Any]:
    [only] = workload["spec"]["template"]["spec"]["containers"]
    return dict(only)


def kind_of(part: str) -> str:
    return re.sub(r"-\d+$", "", part)


def test_compose__file__fits_the_schema_of_compose() -> None:
    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "check_jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            DEPLOY / "compose.yaml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_kubernetes__manifest__fits_the_schema_of_its_kind(path: Path) -> None:
    for document in yaml.safe_load_all(path.read_text()):
        kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_kustomization__names_every_manifest_and_the_template_of_the_front() -> None:
    listed = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())["resources"]
    assert set(listed) == {path.name for path in MANIFESTS} | {"../front"}
    [generated] = yaml.safe_load((DEPLOY / "front" / "kustomization.yaml").read_text())["configMapGenerator"]
    [file] = generated["files"]
    assert (DEPLOY / "front" / file.partition("=")[2]).exists()


def test_processes__are_those_of_the_local_stack() -> None:
    wanted = set(STACK.part_names) - OTHERS
    assert set(compose()["services"]) == wanted
    assert set(workloads()) == {kind_of(part) for part in wanted}
    several = {"api": 2, "dispatcher": 2, "settler": 2, "aggregator": 2, "front": 2}
    replicas = {name: workload["spec"]["replicas"] for name, workload in workloads().items()}
    assert replicas == dict.fromkeys(workloads(), 1) | several
    assert set(manifests()["PodDisruptionBudget"]) == set(several)
    assert set(manifests()["StatefulSet"]) == {"mongod"}


def test_settings__exist_and_are_the_same_in_both() -> None:
    known = {env for env, _, _ in config.describe()}
    in_compose = set(compose()["x-settings"])
    in_cluster = set(manifests()["ConfigMap"]["settings"]["data"])
    assert in_compose <= known
    assert in_cluster | SECRET == in_compose
    assert not in_cluster & SECRET, "what holds a password comes from a secret"
    used = {
        variable["name"]
        for workload in workloads().values()
        for variable in container(workload).get("env", ())
    } | {
        name
        for service in compose()["services"].values()
        for name in service.get("environment", ())
        if service.get("environment") is not compose()["x-settings"]
    }
    assert used <= OUR_OWN | known
    told = {name: str(value) for name, value in compose()["x-settings"].items() if "${" not in str(value)}
    config.load({name: value for name, value in told.items() if "QUEUE" not in name})


@pytest.mark.parametrize("process", ["api", "dispatcher", "settler"])
def test_commands__of_servers__are_processes_of_the_backend(process: str) -> None:
    assert process in PROCESSES
    assert container(workloads()[process])["args"] == [process]
    for part in STACK.part_names:
        if kind_of(part) == process:
            assert compose()["services"][part]["command"] == [process]


@pytest.mark.parametrize("worker", ["aggregator", "evaluator"])
def test_commands__of_workers__have_options_that_exist_and_names_of_their_own(worker: str) -> None:
    source = (ROOT / "fl_nodes" / worker / "__main__.py").read_text()
    commands = [s["command"] for name, s in compose()["services"].items() if kind_of(name) == worker]
    for command in [*commands, container(workloads()[worker])["args"]]:
        options = [word for word in command if word.startswith("--")]
        assert {"--api", "--key-file", "--name"} <= set(options)
        assert all(f'"{option}"' in source for option in options)
    assert len({command[command.index("--name") + 1] for command in commands}) == len(commands)
    in_cluster = container(workloads()[worker])["args"]
    assert in_cluster[in_cluster.index("--name") + 1] == "$(POD_NAME)"


def test_files_of_keys__are_those_that_the_stack_makes() -> None:
    made = {f"{role}.json" for role in ROLES} | {"server-secret", "workers.json", "deployments.json"}
    in_compose = {Path(secret["file"]).name for secret in compose()["secrets"].values()}
    told = manifests()["ConfigMap"]["settings"]["data"].values()
    in_cluster = {Path(value).name for value in told if value.startswith("/run/secrets/")}
    assert in_compose <= made
    assert in_cluster | {"aggregator.json", "evaluator.json"} == in_compose
    assert "Secret" not in manifests(), "secrets are made by hand, never committed"


def test_probes__ask_for_routes_that_exist(tmp_path: Path) -> None:
    routes = {rule.rule for rule in World(tmp_path).api.app.url_map.iter_rules()}
    asked = [
        probe["httpGet"]["path"]
        for workload in workloads().values()
        for name, probe in container(workload).items()
        if name.endswith("Probe") and "httpGet" in probe
    ]
    asked += re.findall(r"127\.0\.0\.1:\d+(/[\w/]+)", (DEPLOY / "compose.yaml").read_text())
    assert len(asked) >= 4
    assert set(asked) <= routes | MONITORED


def test_pods__run_as_nobody_in_particular_and_say_what_they_need() -> None:
    for name, workload in workloads().items():
        pod, only = workload["spec"]["template"]["spec"], container(workload)
        assert pod["securityContext"]["runAsNonRoot"], name
        assert not pod["automountServiceAccountToken"], name
        assert not only["securityContext"]["allowPrivilegeEscalation"], name
        assert only["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
        assert {"cpu", "memory"} <= set(only["resources"]["requests"]), name
        assert "memory" in only["resources"]["limits"], name
        assert (
            workload["spec"]["selector"]["matchLabels"] == workload["spec"]["template"]["metadata"]["labels"]
        )


@pytest.mark.parametrize(
    "image", sorted((DEPLOY / "images").glob("*.Dockerfile")), ids=lambda path: path.name
)
def test_images__copy_what_exists_and_pin_what_the_checkout_pins(image: Path) -> None:
    text = image.read_text().replace("\\\n", " ")
    copied = [shlex.split(line)[1:-1] for line in text.splitlines() if line.startswith("COPY ")]
    sources = [word for words in copied if not words[0].startswith("--from") for word in words]
    assert sources
    assert all((ROOT / source).exists() for source in sources)
    version = re.search(r"uv_version=(\S+)", (ROOT / "scripts/install/install.sh").read_text())
    assert version is not None
    assert f"uv=={version[1]}" in text
    assert "FROM python:3.11-" in text
    assert "USER 10001" in text
    used = {service.get("image") for service in compose()["services"].values()}
    assert f"ecodml/{image.stem}" in used
