"""MongoDB, on a replica set: it takes transactions and change streams."""

from backend.adapters.mongo.connection import Database, connect
from backend.adapters.mongo.cursors import MongoCursors
from backend.adapters.mongo.effects import MongoEffects
from backend.adapters.mongo.machines import MongoMachines
from backend.adapters.mongo.nodes import MongoNodes
from backend.adapters.mongo.processes import MongoProcesses
from backend.adapters.mongo.rating_steps import MongoRatingSteps
from backend.adapters.mongo.seats import MongoSeats
from backend.adapters.mongo.sessions import MongoSessions
from backend.adapters.mongo.tasks import MongoTasks
from backend.adapters.mongo.tickets import MongoTickets
from backend.adapters.mongo.users import MongoUsers

__all__ = [
    "Database",
    "MongoCursors",
    "MongoEffects",
    "MongoMachines",
    "MongoNodes",
    "MongoProcesses",
    "MongoRatingSteps",
    "MongoSeats",
    "MongoSessions",
    "MongoTasks",
    "MongoTickets",
    "MongoUsers",
    "connect",
]
