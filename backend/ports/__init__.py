"""What the application needs of the world. Real and in-memory adapters pass the same conformance suite."""

from backend.ports.bulk import Letter, Mail, Objects, Signatures, SignedPut, StoredObject
from backend.ports.carbon import (
    CarbonChain,
    Certificates,
    Credits,
    Intensities,
    Ledger,
    Prover,
    Publications,
    StakesAt,
)
from backend.ports.job_events import JobEvent, JobEvents, JobEventsRead
from backend.ports.market import ChainEvent, JobOnChain, MarketChain, Purses, Rater, Roles
from backend.ports.people import Passwords, Session, Sessions, Users
from backend.ports.seats import Seats
from backend.ports.stores import (
    Clock,
    Cursors,
    Effects,
    Landmark,
    Machines,
    Nodes,
    QueuedEffect,
    RatingSteps,
    Standing,
    Tasks,
    Tickets,
    TroubledEffect,
)

__all__ = [
    "CarbonChain",
    "Certificates",
    "ChainEvent",
    "Clock",
    "Credits",
    "Cursors",
    "Effects",
    "Intensities",
    "JobEvent",
    "JobEvents",
    "JobEventsRead",
    "JobOnChain",
    "Landmark",
    "Ledger",
    "Letter",
    "Machines",
    "Mail",
    "MarketChain",
    "Nodes",
    "Objects",
    "Passwords",
    "Prover",
    "Publications",
    "Purses",
    "QueuedEffect",
    "Rater",
    "RatingSteps",
    "Roles",
    "Seats",
    "Session",
    "Sessions",
    "Signatures",
    "SignedPut",
    "StakesAt",
    "Standing",
    "StoredObject",
    "Tasks",
    "Tickets",
    "TroubledEffect",
    "Users",
]
