"""Twins of the real adapters in memory, held to the same promises by the conformance suite."""

from backend.adapters.memory.cursors import MemoryCursors
from backend.adapters.memory.effects import MemoryEffects
from backend.adapters.memory.intensities import MemoryIntensities
from backend.adapters.memory.machines import MemoryMachines
from backend.adapters.memory.mail import MemoryMail
from backend.adapters.memory.nodes import MemoryNodes
from backend.adapters.memory.objects import MemoryObjects
from backend.adapters.memory.passwords import MemoryPasswords
from backend.adapters.memory.purses import MemoryPurses
from backend.adapters.memory.rating_steps import MemoryRatingSteps
from backend.adapters.memory.seats import MemorySeats
from backend.adapters.memory.sessions import MemorySessions
from backend.adapters.memory.tasks import MemoryTasks
from backend.adapters.memory.tickets import MemoryTickets
from backend.adapters.memory.users import MemoryUsers

__all__ = [
    "MemoryCursors",
    "MemoryEffects",
    "MemoryIntensities",
    "MemoryMachines",
    "MemoryMail",
    "MemoryNodes",
    "MemoryObjects",
    "MemoryPasswords",
    "MemoryPurses",
    "MemoryRatingSteps",
    "MemorySeats",
    "MemorySessions",
    "MemoryTasks",
    "MemoryTickets",
    "MemoryUsers",
]
