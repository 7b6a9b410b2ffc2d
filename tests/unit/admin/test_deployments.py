"""The record of deployments: one file, whole at all times."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.deployments import (
    DeploymentsUnreadable,
    deployments_path,
    merge_deployment,
    read_deployments,
    unfinished_path,
)


def test_merge_deployment__another_part__keeps_the_first(tmp_path):
    path = tmp_path / "new" / "deployments.json"

    merge_deployment(path, "market", {"chain_id": 1})
    merge_deployment(path, "carbon", {"chain_id": 2})

    assert read_deployments(path) == {"market": {"chain_id": 1}, "carbon": {"chain_id": 2}}
    assert list(path.parent.iterdir()) == [path]


def test_read_deployments__no_file__is_empty(tmp_path):
    assert read_deployments(tmp_path / "deployments.json") == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_read_deployments__not_a_record__is_refused_by_name(tmp_path, text):
    path = tmp_path / "deployments.json"
    path.write_text(text)

    with pytest.raises(DeploymentsUnreadable, match=str(path)):
        read_deployments(path)


def test_deployments_path__each_network__has_a_file_of_its_own(monkeypatch):
    monkeypatch.delenv("DEPLOYMENTS_FILE", raising=False)
    paths = {network: deployments_path(network) for network in ("market", "carbon", "ganache", "amoy")}

    assert paths["market"] == paths["carbon"]
    assert len(set(paths.values())) == 3
    monkeypatch.setenv("DEPLOYMENTS_FILE", "elsewhere/d.json")
    assert deployments_path("amoy") == Path("elsewhere/d.json")


def test_unfinished_path__two_parts_of_one_file__stand_apart_beside_it():
    path = Path("run/amoy/deployments.json")

    assert unfinished_path(path, "market") == Path("run/amoy/deployments.market.unfinished.json")
    assert unfinished_path(path, "carbon") != unfinished_path(path, "market")
