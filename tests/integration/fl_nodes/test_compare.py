"""CodeCarbon itself beside our model."""

from pathlib import Path

import numpy as np
import pytest

from fl_nodes.meter.compare import CODECARBON, OURS, runs


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_runs__codecarbon_in_process_mode__meters_the_same_work_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def work() -> None:
        a = np.ones((256, 256))
        for _ in range(100):
            a = a @ a / 256

    found = list(runs(2, work))
    assert all(run.joules[name] > 0 for run in found for name in (OURS, CODECARBON))
    assert list(tmp_path.iterdir()) == []
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")
