"""Each goal with what was reached."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.bench.learning import attacks
from scripts.bench.learning.cells import Results
from scripts.bench.learning.plan import HEAVY, Plan
from scripts.bench.learning.summary import (
    IID_POINTS,
    SKEWED_POINTS,
    Row,
    accuracy,
    cost,
    detection,
    recovery,
    sixteen,
)

RECALL, LAZY_RECALL = 0.95, 0.99
HONEST_NODE_ROUNDS = 1000
POINTS_LOST_TO_CHEATS = 2.0
COST_SHARE = 0.15


def goals(plan: Plan, results: Results) -> list[Row]:
    """What was asked and what was reached; `met` None where nothing was measured."""
    compared = accuracy(results.of(plan.accuracy))
    named = detection(results.of(plan.attacks))
    seven = [row for row in named if row["attack"] in attacks.FIRST_SEVEN]
    gone = [r for r in recovery(results.of(plan.remaining), ()) if r["malicious"] == HEAVY]
    audited = sixteen(results.of(plan.sixteen))
    lazy = [row for row in audited if row["attack"] == "lazy"]
    honest = [row for row in audited if row["attack"] == "none"]
    costs = cost(results.of(plan.cost))
    found = [
        _points(
            "federated within 1.0 point of central, equal passes, equal mix", compared, "iid", IID_POINTS
        ),
        _points("within 3.0 points, two classes per node, up to 5 x the passes", compared, "", SKEWED_POINTS),
    ]
    node_rounds = sum(r["honest_node_rounds"] for r in named) + sum(r["node_rounds"] for r in honest)
    slashed = sum(r["honest_named"] for r in named) + sum(r["named"] for r in honest)
    if node_rounds:
        found.append(
            {
                "goal": f"no honest node named in {HONEST_NODE_ROUNDS} honest node-rounds",
                "reached": f"{slashed} in {node_rounds}",
                "met": slashed == 0 and node_rounds >= HONEST_NODE_ROUNDS,
            }
        )
    if lazy:
        share = sum(r["named"] for r in lazy) / sum(r["node_rounds"] for r in lazy)
        found.append(
            {
                "goal": "99 % of nodes that skip a quarter named in the round, 16 segments",
                "reached": f"{100 * share:.1f} % of {sum(r['node_rounds'] for r in lazy)} node-rounds; "
                f"by counting {100 * lazy[0]['chance']:.1f} %",
                "met": share >= LAZY_RECALL,
            }
        )
    if seven:
        recall = sum(r["named"] for r in seven) / sum(r["cheats"] for r in seven)
        least = min(seven, key=lambda r: r["recall"])
        found.append(
            {
                "goal": "recall 0.95 on the first seven attacks",
                "reached": f"{recall:.3f}; least {least['recall']:.3f} ({least['attack']})",
                "met": least["recall"] >= RECALL,
            }
        )
    for rows in ("lost", "dealt"):
        chosen = [r for r in gone if r["rows"] == rows]
        if chosen:
            worst = max(chosen, key=lambda r: r["lost"])
            found.append(
                {
                    "goal": f"within 2 points of no attack at 40 % malicious, their rows {rows}",
                    "reached": f"{worst['lost']:.2f} points at worst ({worst['scheme']})",
                    "met": worst["lost"] <= POINTS_LOST_TO_CHEATS,
                }
            )
    if costs:
        worst = max(costs, key=lambda r: max(r["steps_share"], r["seconds_share"]))
        share = max(worst["steps_share"], worst["seconds_share"])
        found.append(
            {
                "goal": "re-running costs 15 % of training at most, 16 segments",
                "reached": f"{100 * worst['steps_share']:.1f} % of steps, {100 * worst['seconds_share']:.1f} % of CPU "
                f"seconds at worst ({worst['model']})",
                "met": share <= COST_SHARE,
            }
        )
    return found


def _points(goal: str, compared: Sequence[Row], scheme: str, points: float) -> Row:
    rows = [r for r in compared if (r["scheme"] == "iid") == (scheme == "iid")]
    if not rows:
        return {"goal": goal, "reached": "not measured", "met": None}
    worst = max(rows, key=lambda r: r["lost"])
    return {
        "goal": goal,
        "reached": f"{sum(r['met'] for r in rows)} of {len(rows)} cases; worst {worst['lost']:.2f} points "
        f"({worst['dataset']} {worst['model']}, {worst['nodes']} nodes)",
        "met": worst["lost"] <= points,
    }
