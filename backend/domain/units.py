"""Figures in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def privacy(spent: Mapping[str, Any]) -> str:
    """What differential privacy has cost (`fl_nodes.protocol.operator_tasks.PrivacySpent` as JSON), for a sentence."""
    return (
        f"epsilon {spent['epsilon']:.4g} for a node's whole shard, {spent['row_epsilon']:.4g} for one row, "
        f"at delta {spent['delta']:g} after {spent['rounds']} rounds"
    )
