"""Play the three jobs, write `run/demo/report.json`, name every promise not kept. Exit status 1 if there is one."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from backend.cli.terminal import coins
from backend.errors import EcoError
from scripts.demo import jobs, promises, report
from scripts.demo.central import central_accuracy
from scripts.demo.certificate import certified
from scripts.demo.customer import ROOT
from scripts.demo.digits import write_digits
from scripts.demo.energy import accounted
from scripts.demo.jobs import Played
from scripts.demo.money import money_rules
from scripts.demo.stage import Stage
from scripts.demo.story import Broken, Story
from scripts.demo.usage import use_model
from scripts.stack import StackConfig

FOLDER = ROOT / "run" / "demo"
TRAINING = (
    *("--target", "digit", "--model", "mlp", "--optimizer", "momentum", "--lr", "0.05"),
    *("--batch", "16", "--local-epochs", "5", "--seed", "7"),
)
ATTACKED = (*TRAINING, "--rounds", "15", "--trainers", "4")
# More than it takes: what it is certified to have kept.
HONEST = (*ATTACKED, "--energy-budget", "500")
SHORT = (*TRAINING, "--rounds", "3", "--trainers", "6")
ABANDONED = (*TRAINING, "--rounds", "300", "--trainers", "2")
ABANDONED_SECONDS = 60
# Clean and dirty grids. Those in the middle have left by the time of job B.
ZONES = ("FR", "SE", "PL", "IN", "NO", "CH")
INTERRUPTED = 130


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.demo", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the report on stdout, the story on stderr")
    parser.add_argument(
        "--keep", action="store_true", help="keep run/demo/state: chains, objects, mails, logs"
    )
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    story = Story(out=sys.stderr if options.json else sys.stdout)
    stage = Stage(cast(FOLDER / "state"), story)
    try:
        with stage:
            document, failures = play(stage, FOLDER)
    except (Broken, EcoError) as error:
        story.line(f"FAILED: {error}")
        stage.show_log(error.part if isinstance(error, Broken) else "api")
        return 1
    except KeyboardInterrupt:
        story.line("Interrupted; everything that was started is stopped.")
        return INTERRUPTED
    if options.json:
        print(json.dumps(document, indent=2, sort_keys=True))
    for sentence in failures:
        story.line(f"BROKEN PROMISE: {sentence}")
    if not failures and not options.keep:
        shutil.rmtree(stage.state)
    story.line(f"The report is {FOLDER.relative_to(ROOT)}/report.json.")
    return 1 if failures else 0


def cast(state: Path) -> StackConfig:
    """The demo's stack: more trainers than a job needs, each on another country's grid, so that there is a choice.

    They are chosen by carbon: all share one machine, so how quick one of them looks to the default policy is chance.
    """
    zones = {f"trainer-{number}": zone for number, zone in enumerate(ZONES, start=1)}
    environment = {"ECODML_SCHEDULER": "carbon"}
    return StackConfig(state=state, trainers=len(ZONES), node_zones=zones, environment=environment)


def play(stage: Stage, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Returns the report, which is written to `folder` too, and a sentence for each promise not kept."""
    story, digits = stage.story, folder / "digits.csv"
    story.line(f"{write_digits(digits)} handwritten digits are in {digits}.")

    story.heading("A short job first: from what rounds take here follows what the next job is held against")
    with story.stage("benchmark the trainers"):
        stage.wait_benchmarked()
    with story.stage("a short job"):
        jobs.honest(stage, digits, list(SHORT), "joan")

    story.heading("Job A, honest: four of six trainers, three validators, one customer")
    played = {"A": jobs.honest(stage, digits, list(HONEST), "ada")}
    with story.stage("use job A's model"):
        used = use_model(stage, played["A"], digits, folder / "model")
    accounts = accounted(stage, played["A"])
    with story.stage("train centrally"):
        central = central_accuracy(stage, played["A"].ticket)
    with story.stage("verify job A's certificate"):
        certificate = certified(stage, played["A"])
    accuracy = float(played["A"].ticket["metrics"]["accuracy"])
    story.line(f"Federated accuracy {accuracy:.4f}, the same model trained centrally {central:.4f}.")

    story.heading("Job B, attacked: two of the four trainers misbehave")
    played["B"] = jobs.attacked(stage, digits, list(ATTACKED))
    _tell_attack(story, played["B"])

    story.heading("Job C, abandoned: the operator is killed in mid-job")
    played["C"] = jobs.abandoned(stage, digits, list(ABANDONED), ABANDONED_SECONDS)

    invariants = money_rules(stage, [each.ticket["job_id"] for each in played.values()])
    entries = {"A": report.job_report(played["A"], accuracy, central)}
    entries |= {name: report.job_report(played[name]) for name in ("B", "C")}
    failures = promises.broken(played, entries, invariants, used)
    entries["A"] |= {"certificate": certificate, **accounts}
    document = {"jobs": entries, "invariants": invariants}
    report.write(folder / "report.json", document)
    story.heading("What it proved")
    for name, entry in entries.items():
        story.line(
            f"Job {name}: {entry['status']}, ticket {entry['ticket']}, rounds closed: {len(entry['rounds'])}."
        )
    for name, holds in invariants.items():
        story.line(f"{'holds' if holds else 'BROKEN'}: {name}")
    return document, failures


def _tell_attack(story: Story, played: Played) -> None:
    for slash in played.slashes:
        taken = coins(int(slash["amount"]), "ether")
        story.line(f"{slash['culprit']} lost its deposit of {taken} and is banned for life.")
    for node, wei in report.deposits_received(played.slashes).items():
        story.line(f"{node} was honest and received {coins(wei, 'ether')} of it.")


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
