"""Providers' money as a test puts it."""

from __future__ import annotations

from backend.domain.purse import Purse

STRANGER = Purse("None", 0, 0, 0, 0, 0, 0, 0, 10**17, 60)


class MemoryPurses:
    """`ports.Purses`; `windows` has until when the accused of a job may contest."""

    def __init__(self) -> None:
        self.purses: dict[str, Purse] = {}
        self.windows: dict[str, int] = {}

    def of(self, provider: str) -> Purse:
        """A provider's; that of a stranger has the state "None"."""
        return self.purses.get(provider, STRANGER)

    def contest_until(self, job_id: str) -> int:
        """Until when the accused of a job may contest; 0 where nobody is."""
        return self.windows.get(job_id, 0)
