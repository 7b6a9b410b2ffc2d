"""The rules of money, read from the chain after the last job."""

from __future__ import annotations

from collections.abc import Sequence

from backend.adapters.chain.audit import audit_money
from backend.adapters.chain.deployments import load_deployments
from scripts.demo.stage import Stage


def money_rules(stage: Stage, job_ids: Sequence[str]) -> dict[str, bool]:
    """Each rule's name and whether it holds."""
    return audit_money(stage.config.market_rpc_url, load_deployments(stage.config.deployments_file), job_ids)
