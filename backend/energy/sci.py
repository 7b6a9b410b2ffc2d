"""Software Carbon Intensity (ISO/IEC 21031:2024): SCI = (E x I + M) per R. Idle and reserved hardware inside, offsets outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SERVER_MICROGRAMS = 1_230_300_000_000
"""What making a 32-vCPU server emitted: 1 230.3 kgCO2e. Green Software Foundation, SCI Guide, "Getting started" (e2-standard)."""

SERVER_VCPUS = 32
LIFETIME_SECONDS = 4 * 365 * 86_400
"""Four years, as the same guide takes them."""

GPU_MICROGRAMS = 164_000_000_000
"""What making one data centre GPU emitted: 1 312 kgCO2e for eight. NVIDIA, "Product carbon footprint summary, HGX H100", 2025."""

EMBODIED_SOURCE = (
    "SCI Guide (1 230.3 kg per 32 vCPUs), NVIDIA HGX H100 product carbon footprint (164 kg per GPU), 4 years"
)


@dataclass(frozen=True)
class Sci:
    """Emissions of one `unit` of what software does, in µgCO2e: operational (E x I) and embodied (M)."""

    operational_ug: int
    embodied_ug: int
    unit: str

    @property
    def micrograms(self) -> int:
        """The score: less is better."""
        return self.operational_ug + self.embodied_ug

    def told(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "micrograms": self.micrograms,
            "operational_ug": self.operational_ug,
            "embodied_ug": self.embodied_ug,
            "unit": self.unit,
            "embodied_source": EMBODIED_SOURCE,
        }


def embodied_ug(hardware: Mapping[str, Any], reserved_seconds: float) -> int:
    """M of a machine that is reserved for a while, in µgCO2e, rounded up: its part of a server (`cpus`) and its `gpus`, over their
    lifetime. A machine that does not say what it is counts as a whole server.
    """
    cpus = hardware.get("cpus")
    cpus = min(cpus, SERVER_VCPUS) if isinstance(cpus, int) and cpus > 0 else SERVER_VCPUS
    gpus = hardware.get("gpus")
    made = SERVER_MICROGRAMS * cpus // SERVER_VCPUS + GPU_MICROGRAMS * (
        len(gpus) if isinstance(gpus, list | tuple) else 0
    )
    milliseconds = max(0, round(reserved_seconds * 1000))
    return -(-made * milliseconds // (LIFETIME_SECONDS * 1000))
