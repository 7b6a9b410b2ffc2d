"""A study as JSON, CSV, LaTeX and PNG, each with the config, seed and commit that make it again, and as Markdown."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from scripts.experiments.study import Chart, Row, Study

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "run" / "experiments"
PAGES = ROOT / "docs" / "experiments"
INCHES = (8.0, 4.0)
DOTS_PER_INCH = 90
LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "≥": r"$\geq$", "≤": r"$\leq$", "±": r"$\pm$",
}  # fmt: skip


@cache
def commit() -> str:
    """The commit that is checked out, `+` where files differ from it; `unknown` outside a repository."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"


def write(study: Study, seed: int, folder: Path) -> list[Path]:
    """Write `NAME.json`, `.csv`, `.tex` and `.png` into the folder. Returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {"study": study.name, "seed": seed, "commit": commit(), "config": dict(study.config)}
    base = folder / study.name
    texts = {".json": _json(study, about), ".csv": _csv(study, about), ".tex": _latex(study, about)}
    for suffix, text in texts.items():
        base.with_suffix(suffix).write_text(text, encoding="utf-8")
    _draw(study, about, base.with_suffix(".png"))
    return [base.with_suffix(suffix) for suffix in (*texts, ".png")]


def as_json(study: Study, seed: int) -> dict[str, Any]:
    """What the JSON file holds."""
    about = {"study": study.name, "seed": seed, "commit": commit(), "config": dict(study.config)}
    return _content(study, about)


def markdown(study: Study) -> str:
    """The table, the goals and the notes."""
    parts = [_markdown(shown(study))]
    if study.goals:
        parts.append(_markdown(goal_rows(study)))
    parts += study.notes
    return "\n\n".join(parts)


def shown(study: Study) -> list[Row]:
    """The rows as a printed table has them: without the hidden columns and the bounds of intervals, which stand beside
    their value as `value [low, high]`.
    """
    return [_with_intervals(row, study.hidden) for row in study.rows]


def goal_rows(study: Study) -> list[Row]:
    """The goals as rows: columns that say nothing of any of them are left out."""
    rows = [goal.row() for goal in study.goals]
    empty = {key for key in rows[0] if all(row[key] in (None, "") for row in rows)}
    return [
        {k: ("reached" if v else "**missed**") if k == "met" else v for k, v in row.items() if k not in empty}
        for row in rows
    ]


def fill(study: Study, seed: int, page: Path) -> bool:
    """Write the study's tables between `<!-- study: NAME -->` and `<!-- end -->` of a page. Returns whether it has such a place."""
    text = page.read_text(encoding="utf-8")
    before, mark, rest = text.partition(f"<!-- study: {study.name} -->\n")
    _, end, after = rest.partition("<!-- end -->")
    if not end:
        return False
    made = f"Made by `python -m scripts.experiments --only {study.name} --seed {seed}` at {commit()}."
    page.write_text(f"{before}{mark}\n{markdown(study)}\n\n{made}\n\n{end}{after}", encoding="utf-8")
    return True


def _with_intervals(row: Row, hidden: frozenset[str]) -> Row:
    bounds = {f"{key}{side}" for key in row for side in ("_low", "_high")}
    told: dict[str, Any] = {}
    for key, value in row.items():
        if key in bounds or key in hidden:
            continue
        low, high = row.get(f"{key}_low"), row.get(f"{key}_high")
        told[key] = (
            value if low is None or high is None else f"{text_of(value)} [{text_of(low)}, {text_of(high)}]"
        )
    return told


def text_of(value: Any) -> str:
    """A cell: four digits of a fraction, nothing for None, yes or no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    return str(value)


def _content(study: Study, about: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **about,
        "title": study.title,
        "rows": [dict(row) for row in study.rows],
        "goals": [goal.row() for goal in study.goals],
        "notes": list(study.notes),
    }


def _json(study: Study, about: Mapping[str, Any]) -> str:
    return json.dumps(_content(study, about), indent=1, default=str) + "\n"


def _csv(study: Study, about: Mapping[str, Any]) -> str:
    out = io.StringIO()
    out.writelines(f"# {key}: {json.dumps(value, default=str)}\n" for key, value in about.items())
    writer = csv.DictWriter(out, _columns(study.rows), lineterminator="\n")
    writer.writeheader()
    writer.writerows(study.rows)
    return out.getvalue()


def _latex(study: Study, about: Mapping[str, Any]) -> str:
    rows = shown(study)
    names = _columns(rows)
    lines = [f"% {key}: {json.dumps(value, default=str)}" for key, value in about.items()]
    lines += [rf"\begin{{tabular}}{{l{'r' * (len(names) - 1)}}}", r"\hline"]
    lines += [" & ".join(map(_escaped, names)) + r" \\", r"\hline"]
    lines += [" & ".join(_escaped(text_of(row.get(name))) for name in names) + r" \\" for row in rows]
    return "\n".join([*lines, r"\hline", r"\end{tabular}"]) + "\n"


def _escaped(text: str) -> str:
    return "".join(LATEX.get(letter, letter) for letter in text)


def _markdown(rows: Sequence[Row]) -> str:
    names = _columns(rows)
    lines = [names, ["---"] * len(names)]
    lines += [[text_of(row.get(name)).replace("|", r"\|") for name in names] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _columns(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))


def _draw(study: Study, about: Mapping[str, Any], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    chart = study.chart or _plain(study.rows)
    rows = chart.rows or study.rows
    inches = INCHES if chart.lines else (INCHES[0], max(3.0, 0.3 * len(study.rows) + 1.2))
    figure, axis = plt.subplots(figsize=inches)
    labels = [row[chart.label] for row in rows]
    places: list[Any] = labels if chart.lines else list(range(len(labels)))
    width = 0.8 / max(1, len(chart.values))
    for at, name in enumerate(chart.values):
        values = [_number(row.get(name)) for row in rows]
        errors = [
            [_number(row.get(f"{name}{side}"), value) for row, value in zip(rows, values, strict=True)]
            for side in ("_low", "_high")
        ]
        spread = [
            [abs(value - bound) for value, bound in zip(values, bounds, strict=True)] for bounds in errors
        ]
        if chart.lines:
            axis.errorbar(places, values, yerr=spread, marker=".", label=name)
        else:
            offset = (at - (len(chart.values) - 1) / 2) * width
            axis.barh([p + offset for p in places], values, width, xerr=spread, label=name)
    if chart.lines:
        axis.set_xlabel(chart.label)
        axis.set_xscale("log" if chart.log_x else "linear")
        axis.set_yscale("log" if chart.log_y else "linear")
        axis.set_ylabel(chart.y_title)
    else:
        axis.set_yticks(places, [str(label) for label in labels])
        axis.invert_yaxis()
        axis.set_xscale("log" if chart.log_y else "linear")
        axis.set_xlabel(chart.y_title)
    axis.set_title(study.title or study.name)
    axis.legend(fontsize="small")
    axis.grid(alpha=0.3)
    figure.tight_layout()
    told = {key: json.dumps(value, default=str) for key, value in about.items()}
    figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Software": None, **told})
    plt.close(figure)


def _plain(rows: Sequence[Row]) -> Chart:
    """The first column along the axis, the first column of numbers after it as bars."""
    names = _columns(rows)
    numeric = [n for n in names[1:] if all(isinstance(row.get(n), int | float) for row in rows)]
    return Chart(names[0], numeric[:1])


def _number(value: Any, otherwise: float = float("nan")) -> float:
    return float(value) if isinstance(value, int | float) else otherwise
