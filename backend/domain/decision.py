"""What was decided about a job before it ran: where, when, how hard, why, and what it is held against. Plain values, whole numbers.

The baseline is the counterfactual: what one node's work in one round would have come to under the policy `standard`, any available
trainer alike, started at once at full speed. It is the mean over the trainers that were there to choose from, known before the run.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fl_nodes.protocol.hashing import digest

BASELINE_POLICY = "standard"


@dataclass(frozen=True)
class TrainerChoice:
    """One trainer's part, as expected for one round.

    `level` is how hard it works (`fl_nodes/protocol/power.py`), `power` how its machine sets that, empty where it cannot.
    `mg_per_kwh` is its grid's mean intensity over the run, location-based, from `intensity_source`; `site_ppm` the part of its
    demand that its site claims to cover, which `micrograms` leaves out. `scores_ppm` is what spoke for it. `benchmark_*` is what
    its signed benchmark says of the same round at full speed (0: none), `hardware` the class it is compared in, `features_ppm`
    what a learned policy knew it by.
    """

    node: str
    level: int
    power: str
    zone: str
    mg_per_kwh: int
    intensity_source: str
    site_ppm: int
    milliseconds: int
    millijoules: int
    micrograms: int
    scores_ppm: dict[str, int]
    hardware: str
    benchmark_milliseconds: int
    benchmark_millijoules: int
    features_ppm: tuple[int, ...] = ()


@dataclass(frozen=True)
class Counterfactual:
    """One node's work in one round under the baseline's policy: mJ, mgCO2e per kWh, µgCO2e rounded down; what such a node takes in
    an hour of full work; and how many trainers it is the mean of. All 0 where no benchmark says anything.
    """

    policy: str = BASELINE_POLICY
    nodes: int = 0
    millijoules: int = 0
    mg_per_kwh: int = 0
    micrograms: int = 0
    hour_millijoules: int = 0


@dataclass(frozen=True)
class Alternative:
    """A choice that was not beaten in everything: mJ and µgCO2e of the whole job, milliseconds from the decision to its end."""

    millijoules: int
    micrograms: int
    milliseconds: int


@dataclass(frozen=True)
class Decision:
    """Unix seconds: `at` it was decided, `start_at` the job starts, `again_at` it is decided again where that is later than `at`.

    `passed_over` says of every available trainer that was not taken why. `compressed` is whether the training itself runs in a
    compressed form, `form` in which form (`float32`, `int8`, `pruned`; empty: not known) earlier jobs' measurements recommend to
    use the model, `compression` why. `sleepers` are nodes that nobody is expected to need until `sleep_until`.
    `rounds` is how many rounds there are at most, `asked` how many nodes work in each, `expected_seconds` how long the whole job
    should take from its start to its verdict. `front` are the alternatives where the policy compared several.
    """

    policy: str
    at: int
    start_at: int
    again_at: int
    trainers: tuple[TrainerChoice, ...]
    baseline: Counterfactual
    rounds: int
    asked: int
    expected_seconds: int
    reasons: tuple[str, ...]
    passed_over: dict[str, str] = field(default_factory=dict)
    compressed: bool = False
    compression: str = ""
    form: str = ""
    sleepers: tuple[str, ...] = ()
    sleep_until: int = 0
    front: tuple[Alternative, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether the job does not start yet."""
        return self.again_at > self.at

    @property
    def baseline_micrograms(self) -> int:
        """The baseline's emissions of one node's work in one round."""
        return self.baseline.micrograms

    def hash(self) -> str:
        """SHA-256 (hex) of the decision."""
        return digest(self)

    def level_of(self, node: str, full: int) -> int:
        """How hard a trainer is to work."""
        return next((t.level for t in self.trainers if t.node == node), full)
