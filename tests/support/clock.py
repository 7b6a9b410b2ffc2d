"""A clock that stands still until a test moves it."""


class ManualClock:
    """A `ports.Clock`; `advance` moves it on."""

    def __init__(self, at: float = 1_900_000_000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self.at += seconds
