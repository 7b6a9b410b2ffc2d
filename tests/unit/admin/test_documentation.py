"""docs/admin.md names every setting the scripts read and every code they refuse with, and no others but the web app's."""

from __future__ import annotations

import re
from pathlib import Path

from backend.config import describe

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = [
    *(ROOT / "scripts" / "brownie").glob("*.py"),
    ROOT / "scripts" / "deploy.py",
    ROOT / "scripts" / "admin.py",
]
TEXT = (ROOT / "docs" / "admin.md").read_text(encoding="utf-8")
_WEB_APP = TEXT.index("## The web app in front of people")
WEB_APP = TEXT[_WEB_APP : TEXT.index("## Deploying")]
SOURCE = "\n".join(
    path.read_text(encoding="utf-8") for path in [*SCRIPTS, ROOT / "scripts" / "deployments.py"]
)
SETTING = r"[A-Z]+(?:_[A-Z]+)*_(?:KEY|ADDRESS|WEI|SECONDS|BPS|GWEI|FILE|URL)|SEND|CONFIRMATIONS"


def test_admin_page__codes__are_those_that_are_raised():
    raised = set(re.findall(r'Refused\(\s*"([a-z_.]+)"', SOURCE))
    refusals = TEXT[TEXT.index("## Refusals") :]

    assert set(re.findall(r"`([a-z]+\.[a-z_]+)`", refusals)) == raised


def test_admin_page__settings__are_those_that_are_read():
    read = set(re.findall(rf'"({SETTING})"', SOURCE)) | {
        f"{network}_RPC_URL" for network in ("MARKET", "CARBON", "GANACHE", "AMOY")
    }

    told = set(re.findall(rf"`({SETTING})`", TEXT.replace(WEB_APP, "")))
    assert told - {variable for variable, _, _ in describe()} == read


def test_admin_page__settings_of_the_web_app__are_the_servers():
    told = set(re.findall(r"`((?:ECODML|SMTP)_[A-Z_]+)`", WEB_APP))

    assert told
    assert told <= {variable for variable, _, _ in describe()}


def test_admin_page__networks__are_those_that_are_configured():
    config = (ROOT / "scripts" / "brownie" / "network-config.yaml").read_text(encoding="utf-8")
    live = config[: config.index("development:")]

    for network in re.findall(r"\\bid: (\\w+)", live):
        assert f"`{network}`" in TEXT


def test_env_example__keys_and_urls_of_public_chains__have_no_value():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    for name, value in re.findall(
        r"^# (\w+(?:_KEY|_ADDRESS|AMOY_RPC_URL|PUBLIC_RPC_URL))=(.*)$", example, re.MULTILINE
    ):
        assert value == "", name
