"""Job A's green certificate: waited for, then checked against the carbon chain by somebody who has nothing to do with the job."""

from __future__ import annotations

from typing import Any

from backend.cli.client import Api
from backend.errors import NotFound
from scripts.demo.customer import Customer
from scripts.demo.jobs import Played
from scripts.demo.stage import Stage
from scripts.demo.story import Broken, wait_for

CERTIFIED_SECONDS = 120.0
"""Sealing, the time to challenge the epoch, and the proof."""


def certified(stage: Stage, played: Played) -> dict[str, Any]:
    """What `ecodml certificate verify` says of it; Broken where there is none, or anything of it is not so."""
    job = played.ticket["job_id"]
    api = Api(stage.api_url)

    def look() -> dict[str, Any] | None:
        try:
            record: dict[str, Any] = api.get(f"/api/jobs/{job}/certificate")["certificate"]
        except NotFound:
            return None
        return record

    record = wait_for(look, CERTIFIED_SECONDS, "Job A has no certificate", stage.story, part="settler")
    if record["refusal"]:
        raise Broken(f"Job A has no certificate: {record['refusal']['message']}", "settler")
    anybody = Customer("anybody", stage.state / "customers" / "anybody", stage.api_url, stage.story)
    verified = anybody.run("certificate", "verify", job)
    if verified.status != 0:
        raise Broken(f"Job A's certificate does not hold: {verified.document}", "settler")
    stage.story.line(
        f"Certificate verified on chain for job A: its readings times its grids' factors stay under {record['bound']} µgCO2e, "
        f"its {record['of']}, proven in {record['seconds']:.1f} s ({record['size']} readings), transaction {record['tx']}."
    )
    return verified.document
