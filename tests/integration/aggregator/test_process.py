"""The aggregator as a process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from eth_account import Account

NOBODY = "http://127.0.0.1:1"


def test_aggregator__asked_to_stop__ends_without_a_complaint(tmp_path: Path) -> None:
    key = {"private_key": Account.create().key.to_0x_hex()}
    (tmp_path / "key.json").write_text(json.dumps(key))
    (tmp_path / "key.json").chmod(0o600)
    command = [sys.executable, "-m", "fl_nodes.aggregator", "--api", NOBODY]
    command += ["--key-file", str(tmp_path / "key.json"), "--cache", str(tmp_path / "cache")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert "connection.failed" in process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            _, complaints = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "Traceback" not in complaints, complaints
