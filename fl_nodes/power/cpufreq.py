"""The CPU's highest frequency, by Linux's cpufreq (kernel documentation, admin-guide/pm/cpufreq.rst): `scaling_max_freq` in kHz of
every policy, between `cpuinfo_min_freq` and `cpuinfo_max_freq`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CPUFREQ = Path("/sys/devices/system/cpu/cpufreq")
PPM = 1_000_000


@dataclass(frozen=True)
class CpuFrequency:
    """All policies of a machine; `folders` are theirs."""

    folders: tuple[Path, ...]
    by: str = "cpufreq"

    def settings(self) -> dict[str, int]:
        """kHz by policy."""
        return {folder.name: _khz(folder / "scaling_max_freq") for folder in self.folders}

    def put(self, settings: dict[str, int]) -> None:
        """Set them; all that exist are tried before an OSError is raised."""
        failed: OSError | None = None
        for folder in self.folders:
            if folder.name in settings:
                try:
                    (folder / "scaling_max_freq").write_text(f"{settings[folder.name]}\n")
                except OSError as error:
                    failed = error
        if failed is not None:
            raise failed

    def at(self, ppm: int) -> dict[str, int]:
        """A part of each policy's highest frequency, not below its lowest."""
        found = {}
        for folder in self.folders:
            low, high = _khz(folder / "cpuinfo_min_freq"), _khz(folder / "cpuinfo_max_freq")
            found[folder.name] = max(low, high * ppm // PPM)
        return found


def cpu_frequency(root: Path = CPUFREQ) -> CpuFrequency | None:
    """This machine's, None where it has none."""
    folders = tuple(sorted(f for f in root.glob("policy*") if (f / "scaling_max_freq").is_file()))
    return CpuFrequency(folders) if folders else None


def _khz(file: Path) -> int:
    try:
        return int(file.read_text())
    except ValueError as error:
        raise OSError(f"{file} holds no number") from error
