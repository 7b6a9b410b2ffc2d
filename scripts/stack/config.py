"""What a local stack is made of: its folder, its ports, how many nodes, and what each part is told."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARKET_CHAIN_ID = 31337
CARBON_CHAIN_ID = 31338
MOST_BACKENDS = 4
ZONES = ("FR", "ES", "PL", "US-CAL-CISO", "DE", "SE", "GB")


@dataclass(frozen=True)
class Ports:
    """One TCP port on the loopback interface for each listening part."""

    market: int = 8545
    carbon: int = 8546
    mongo: int = 27018
    api: int = 8600
    smtp: int = 8025
    mail_page: int = 8026
    queue: int = 6390
    api_1: int = 8611
    api_2: int = 8612
    api_3: int = 8613
    api_4: int = 8614

    @staticmethod
    def env_name(port: str) -> str:
        """The environment variable that sets a port."""
        return f"ECODML_{port.upper()}_PORT"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Ports:
        """Ports as the environment sets them, defaults elsewhere; ValueError when one is no number."""
        names = {port.name: cls.env_name(port.name) for port in fields(cls)}
        return cls(**{name: int(environment[env]) for name, env in names.items() if environment.get(env)})

    @classmethod
    def free(cls) -> Ports:
        """Ports that nothing listens on now, so that several stacks can live side by side."""
        sockets = [socket.socket() for _ in fields(cls)]
        try:
            for each in sockets:
                each.bind(("127.0.0.1", 0))
            return cls(*(each.getsockname()[1] for each in sockets))
        finally:
            for each in sockets:
                each.close()


@dataclass(frozen=True)
class StackConfig:
    """One local stack.

    `environment` is given to every part and to the deployment; `part_environment` and `node_arguments` to
    single ones by name: `node_arguments={"trainer-3": ("--adversary", "flip.py:LabelFlipper")}`.
    `node_zones` places nodes by name, the others stand all over the world.
    `node_module` is what a node runs in place of `fl_nodes.cli`.
    With several `backends` there are a queue between them and a front before them, which listens where one alone would; of several
    `settlers` one works and the others stand by.
    `launcher` is a module that every Python part is run through: it gets the part's name, the part's own module and
    its arguments.
    `mongodb_uri` names a database to use instead of a mongod of the stack's own. `restart` brings back
    parts that die, with pauses that grow to `longest_pause_s`.
    """

    state: Path = ROOT / "run" / "stack"
    ports: Ports = field(default_factory=Ports)
    trainers: int = 4
    validators: int = 3
    backends: int = 1
    dispatchers: int = 1
    settlers: int = 1
    aggregators: int = 1
    restart: bool = False
    longest_pause_s: float = 30.0
    node_module: str = "fl_nodes.cli"
    launcher: str | None = None
    mongodb_uri: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    part_environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    node_arguments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    node_zones: Mapping[str, str] = field(default_factory=dict)
    latecomers: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", self.state.resolve())
        if self.trainers < 0 or self.validators < 0:
            raise ValueError("A stack cannot have fewer than no trainers or validators.")
        counts = (self.backends, self.dispatchers, self.settlers, self.aggregators)
        if min(counts) < 1 or self.backends > MOST_BACKENDS:
            raise ValueError(
                f"A stack has one backend, dispatcher, settler and aggregator at least, and {MOST_BACKENDS} backends at most."
            )
        told = set(self.node_arguments) | set(self.node_zones) | set(self.part_environment) | self.latecomers
        unknown = told - set(self.part_names)
        if unknown:
            raise ValueError(f"The stack has no part named {', '.join(sorted(unknown))}.")

    def with_free_ports(self) -> StackConfig:
        """The same stack on ports that are free now."""
        return replace(self, ports=Ports.free())

    @property
    def nodes(self) -> tuple[tuple[str, str], ...]:
        """(name, role) of every node provider."""
        kinds = (("trainer", self.trainers), ("validator", self.validators))
        return tuple((f"{role}-{number}", role) for role, count in kinds for number in range(1, count + 1))

    @property
    def zones(self) -> dict[str, str]:
        """A real energy zone for every node, no two neighbours alike: a choice of places for the scheduler."""
        usual = {name: ZONES[number % len(ZONES)] for number, (name, _) in enumerate(self.nodes)}
        return {**usual, **self.node_zones}

    @property
    def part_names(self) -> tuple[str, ...]:
        """Every part, in the order of starting."""
        database = () if self.mongodb_uri else ("mongod",)
        queue = ("queue",) if self.is_spread else ()
        return ("market", "carbon", *database, *queue, "mailsink", *self.servers, *(n for n, _ in self.nodes))

    @property
    def is_spread(self) -> bool:
        """Whether there are several API processes."""
        return self.backends > 1

    @property
    def apis(self) -> tuple[str, ...]:
        """The API processes by name."""
        return copies("api", self.backends)

    @property
    def servers(self) -> tuple[str, ...]:
        """What the operator runs for the market, in the order of starting."""
        front = ("front",) if self.is_spread else ()
        chain_side = (*copies("dispatcher", self.dispatchers), *copies("settler", self.settlers))
        return (*self.apis, *front, *chain_side, *copies("aggregator", self.aggregators), "evaluator")

    @property
    def used_ports(self) -> dict[str, int]:
        """The ports that this stack's own parts listen on, by name."""
        unused = {"mongo"} if self.mongodb_uri else set()
        behind = {f"api_{number}" for number in range(1, MOST_BACKENDS + 1)}
        unused |= behind - set(self._behind) if self.is_spread else behind | {"queue"}
        return {name: port for name, port in vars(self.ports).items() if name not in unused}

    @property
    def _behind(self) -> tuple[str, ...]:
        return tuple(f"api_{number}" for number in range(1, self.backends + 1))

    @property
    def api_ports(self) -> dict[str, int]:
        """Where each API process listens: where the stack is reached, or behind its front."""
        if not self.is_spread:
            return {"api": self.ports.api}
        return {name: getattr(self.ports, port) for name, port in zip(self.apis, self._behind, strict=True)}

    def module(self, part: str, module: str) -> tuple[str, ...]:
        """How Python runs a part's module."""
        return ("-m", module) if self.launcher is None else ("-m", self.launcher, part, module)

    @property
    def keys(self) -> Path:
        return self.state / "keys"

    @property
    def circuits(self) -> Path:
        return self.state / "circuits"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def deployments_file(self) -> Path:
        return self.state / "deployments.json"

    @property
    def market_rpc_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.market}"

    @property
    def carbon_rpc_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.carbon}"

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.api}"

    @property
    def mail_page_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.mail_page}"

    @property
    def database_uri(self) -> str:
        return self.mongodb_uri or f"mongodb://127.0.0.1:{self.ports.mongo}/?replicaSet=rs0"

    def settings(self) -> dict[str, str]:
        """The environment variables by which every part finds the others (backend/config.py)."""
        queue = f"redis://127.0.0.1:{self.ports.queue}/0"
        return {
            **({"ECODML_QUEUE_URL": queue, "ECODML_TRUSTED_PROXIES": "1"} if self.is_spread else {}),
            "ECODML_STATE_DIR": str(self.state),
            "ECODML_API_URL": self.api_url,
            "ECODML_API_PORT": str(self.ports.api),
            "MONGODB_URI": self.database_uri,
            "ECODML_MARKET_RPC_URL": self.market_rpc_url,
            "ECODML_CARBON_RPC_URL": self.carbon_rpc_url,
            "ECODML_DEPLOYMENTS_FILE": str(self.deployments_file),
            "ECODML_OPERATOR_KEY_FILE": str(self.keys / "operator.json"),
            "ECODML_RATER_KEY_FILE": str(self.keys / "rater.json"),
            "ECODML_EPOCH_SECONDS": "2",
            "ECODML_RATE_LIMIT_FACTOR": "100",  # everybody here has one address
            # Nodes that share a machine would slow each other down.
            "ECODML_BENCHMARKS_AT_ONCE": "1",
            "ECODML_FAUCET_KEY_FILE": str(self.keys / "faucet.json"),
            "ECODML_SERVER_SECRET_FILE": str(self.keys / "server-secret"),
            "ECODML_WORKERS_FILE": str(self.keys / "workers.json"),
            "ECODML_CIRCUITS_DIR": str(self.circuits),
            "SMTP_URL": f"smtp://127.0.0.1:{self.ports.smtp}",
            "ECODML_MAIL_PAGE_PORT": str(self.ports.mail_page),
            **self.environment,
        }


def copies(name: str, count: int) -> tuple[str, ...]:
    """The names of several of a kind: the first bears the kind's own."""
    return (name, *(f"{name}-{number}" for number in range(2, count + 1)))
