"""The figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from scripts.bench.learning.summary import Row

Column = tuple[str, Callable[[Row], Any]]

ACCURACY: tuple[Column, ...] = (
    ("data", lambda r: r["dataset"]),
    ("model", lambda r: r["model"]),
    ("rows", lambda r: r["scheme"].replace("_", " ")),
    ("nodes", lambda r: r["nodes"]),
    ("central %", lambda r: f"{r['central']:.2f} ± {r['central_sd']:.2f}"),
    ("passes", lambda r: r["central_passes"]),
    ("federated %", lambda r: f"{r['federated']:.2f} ± {r['federated_sd']:.2f}"),
    ("passes", lambda r: r["passes"]),
    ("points lost", lambda r: f"{r['lost']:.2f}"),
    ("goal", lambda r: f"{r['goal']:.1f} {_mark(r['met'])}"),
)
SETTINGS: tuple[Column, ...] = (
    ("data", lambda r: r["dataset"]),
    ("model", lambda r: r["model"]),
    ("rows", lambda r: r["scheme"].replace("_", " ")),
    (
        "local",
        lambda r: f"{r['settings']['optimizer']} {r['settings']['lr']}, batch {r['settings']['batch']}",
    ),
    ("server", lambda r: f"{r['settings']['server']} {r['settings']['server_lr']}"),
    ("rounds x local epochs", lambda r: f"{r['settings']['rounds']} x {r['settings']['local_epochs']}"),
)
SOURCE: tuple[Column, ...] = (
    ("model", lambda r: r["model"]),
    ("batch", lambda r: r["batch"]),
    ("epochs", lambda r: r["how"]),
    ("accuracy %", lambda r: f"{r['accuracy']:.2f}"),
)
DETECTION: tuple[Column, ...] = (
    ("attack", lambda r: r["attack"]),
    ("cheats", lambda r: r["cheats"]),
    ("named", lambda r: f"{100 * r['recall']:.1f} %"),
    ("in the first round", lambda r: f"{100 * r['recall_at_once']:.1f} %"),
    ("rounds until named", lambda r: _number(r["rounds_until_named"], ".2f")),
    ("smallest distance", lambda r: _number(r["cheat_distance"], ".2g")),
    ("honest named", lambda r: f"{r['honest_named']} of {r['honest_node_rounds']} node-rounds"),
    ("largest honest distance", lambda r: _number(r["honest_distance"], ".1g")),
    (
        "suspected by likeness alone",
        lambda r: f"{100 * r['suspected_cheats']:.0f} % (honest {100 * r['suspected_honest']:.1f} %)",
    ),
)
RECOVERY: tuple[Column, ...] = (
    ("rows dealt", lambda r: r["scheme"].replace("_", " ")),
    ("malicious of 10", lambda r: r["malicious"]),
    ("what happens to the cheats' rows", lambda r: r["rows"]),
    ("no attack %", lambda r: f"{r['clean']:.2f}"),
    ("accuracy %", lambda r: f"{r['accuracy']:.2f}"),
    ("points lost", lambda r: f"{r['lost']:.2f}"),
    ("mark works %", lambda r: _number(r.get("mark_works"), ".1f")),
)
SIXTEEN: tuple[Column, ...] = (
    ("nodes", lambda r: r["attack"].replace("none", "honest")),
    ("rows", lambda r: r["scheme"].replace("_", " ")),
    ("node-rounds", lambda r: r["node_rounds"]),
    ("named in the round", lambda r: f"{r['named']} ({100 * r['share']:.1f} %)"),
    ("by counting", lambda r: "" if r["chance"] is None else f"{100 * r['chance']:.1f} %"),
    ("steps re-run", lambda r: f"{100 * r['replayed_share']:.1f} %"),
)
COST: tuple[Column, ...] = (
    ("model", lambda r: r["model"]),
    ("segments", lambda r: r["segments"]),
    ("re-run, share of steps", lambda r: f"{100 * r['steps_share']:.1f} %"),
    ("share of training's CPU seconds", lambda r: f"{100 * r['seconds_share']:.1f} %"),
    ("scoring by 3 validators", lambda r: f"{100 * r['scoring_share']:.1f} %"),
    ("training, CPU s", lambda r: f"{r['training_seconds']:.1f}"),
)
COLLUSION: tuple[Column, ...] = (
    ("one of three validators", lambda r: r["what"]),
    ("cheats or node-rounds", lambda r: r["cases"]),
    ("cheats named", lambda r: r["named"]),
    ("the last in round", lambda r: _number(r.get("last_named_in_round"), "d")),
    ("accused by the liar", lambda r: r.get("accused", "")),
    ("honest named", lambda r: r["honest_named"]),
)
GOALS: tuple[Column, ...] = (
    ("goal", lambda r: r["goal"]),
    ("reached", lambda r: r["reached"]),
    ("", lambda r: _mark(r["met"])),
)


def calibration_columns(rows: Iterable[Row]) -> tuple[Column, ...]:
    """Columns of the calibration: one for each cheat."""
    cheats = sorted({name for row in rows for name in row["cheats"]})

    def cheat(name: str) -> Callable[[Row], str]:
        return lambda r: f"{r['cheats'][name]:.2g} ({100 * r['cheats_accused'][name]:.0f} %)"

    return (
        ("model", lambda r: r["model"]),
        ("optimizer", lambda r: r["optimizer"]),
        ("steps", lambda r: r["segment_steps"]),
        ("honest, median", lambda r: f"{r['honest_median']:.1g}"),
        ("honest, most", lambda r: f"{r['honest_most']:.2g}"),
        ("honest accused", lambda r: r["honest_accused"]),
        *((name, cheat(name)) for name in cheats),
    )


def tuning_columns() -> tuple[Column, ...]:
    """Columns of the search's record, from its raw cells."""
    return (
        ("data", lambda r: r["config"]["dataset"]),
        ("model", lambda r: r["config"]["model"]),
        ("rows", lambda r: "central" if r["config"]["kind"] == "central" else r["config"]["scheme"]),
        ("settings", lambda r: ", ".join(f"{k} {v}" for k, v in r["config"]["settings"].items())),
        ("validation %", lambda r: f"{100 * r['result']['accuracy']:.2f}"),
        ("loss", lambda r: f"{r['result']['loss']:.4f}"),
    )


def table(columns: Iterable[Column], rows: Iterable[Row]) -> str:
    """A Markdown table."""
    chosen = list(columns)
    lines = [[name for name, _ in chosen], ["---"] * len(chosen)]
    lines += [[str(value(row)) for _, value in chosen] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def document(sections: Mapping[str, str], about: str) -> str:
    """Headings and tables; empty sections are left out."""
    parts = [f"## {title}\n\n{text}" for title, text in sections.items() if text.count("\n") > 1]
    return "\n\n".join(["# Learning and verification: the figures", about, *parts]) + "\n"


def filled(page: str, sections: Mapping[str, str]) -> str:
    """The page with every table between `<!-- table: TITLE -->` and `<!-- end -->` written anew."""
    for title, text in sections.items():
        before, mark, rest = page.partition(f"<!-- table: {title} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if end:
            page = f"{before}{mark}\n{text}\n\n{end}{after}"
    return page


def _mark(met: bool | None) -> str:
    return "" if met is None else "reached" if met else "**missed**"


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
