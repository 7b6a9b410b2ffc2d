"""What the customer does with the mail: follow its links, load the model in a fresh Python process, predict."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import requests

from scripts.demo.customer import ROOT
from scripts.demo.jobs import Played
from scripts.demo.stage import Stage
from scripts.demo.story import Broken

NODE_PYTHON = ROOT / ".venvs" / "node" / "bin" / "python"
DOWNLOAD_SECONDS = 60
PREDICT_SECONDS = 180


def use_model(stage: Stage, played: Played, digits: Path, folder: Path) -> dict[str, Any]:
    """Download by the mail's links into `folder`; rows and accuracy on the raw rows that no node has seen."""
    links = {name: url for letter in played.mails for name, url in letter.links().items()}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, url in sorted(links.items()):
        answer = requests.get(url, timeout=DOWNLOAD_SECONDS)
        promised = played.ticket["files"][name]["sha256"]
        if not answer.ok or hashlib.sha256(answer.content).hexdigest() != promised:
            raise Broken(f"The mail's link to {name} answered {answer.status_code} or another file", "api")
        (folder / name).write_bytes(answer.content)
    stage.story.line(f"The mail's {len(links)} links gave {', '.join(sorted(links))}.")
    test = stage.object_file(f"jobs/{played.ticket['id']}/test.safetensors")
    command = [
        str(NODE_PYTHON),
        str(Path(__file__).with_name("fresh.py")),
        str(folder),
        str(digits),
        str(test),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PREDICT_SECONDS, check=False)
    if ran.returncode != 0:
        raise Broken(f"The downloaded model does not work in a fresh Python process: {ran.stderr[-1000:]}")
    used: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    stage.story.line(
        f"In a fresh Python process Keras {used['keras']} predicts {used['rows']} raw rows that no node has seen: "
        f"accuracy {used['accuracy']:.4f}."
    )
    stage.story.line(_forms(json.loads((folder / "model_card.json").read_text())))
    return used


def _forms(card: dict[str, Any]) -> str:
    told = [
        f"{form['file']} {form['accuracy']:.4f} in {form['size']:,} bytes ({form['packed_bytes']:,} compressed)"
        for form in card["variants"].values()
    ]
    left = [f"no {name}, because {why}" for name, why in card["left_out"].items()]
    return f"The model card's accuracy by form: {'; '.join(told + left)}."
