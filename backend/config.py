"""The one reader of the environment: every setting with its default and help, as one frozen, validated object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from backend import setting_rules as rules
from backend.errors import Invalid
from fl_nodes.protocol.payout import WEIGHTS, Weights


def _setting(env: str, default: Any, help_text: str, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"env": env, "help": help_text})


@dataclass(frozen=True)
class Settings:
    """Settings of every server process; `python -m backend settings` prints them with their help."""

    state_dir: Path = _setting(
        "ECODML_STATE_DIR", Path("run/stack"), "folder that holds the local stack's state"
    )
    api_url: str = _setting("ECODML_API_URL", "http://127.0.0.1:8600", "public URL of the API, used in links")
    api_host: str = _setting("ECODML_API_HOST", "127.0.0.1", "address the API listens on")
    api_port: int = _setting("ECODML_API_PORT", 8600, "port the API listens on")
    api_threads: int = _setting(
        "ECODML_API_THREADS", 2_000, "requests and sockets served at once: an open socket holds a thread"
    )
    tls_cert_file: Path | None = _setting(
        "ECODML_TLS_CERT_FILE",
        None,
        "the API's certificate with its chain (PEM), where no proxy in front of it speaks HTTPS",
    )
    tls_key_file: Path | None = _setting("ECODML_TLS_KEY_FILE", None, "the key of that certificate (PEM)")
    ca_file: Path | None = _setting(
        "ECODML_CA_FILE",
        None,
        "certificates (PEM) to trust beside the system's: of mail server, database, chains, object store",
    )
    log_form: str = _setting("ECODML_LOG", "json", "how servers log: json (a line for each event) or console")
    metrics_port: int = _setting(
        "ECODML_METRICS_PORT",
        0,
        "port on which a dispatcher or settler shows its metrics and health; 0 for none (the API has them on its own port)",
    )
    metrics_host: str = _setting(
        "ECODML_METRICS_HOST", "127.0.0.1", "address of that port; whoever reaches it may read it"
    )
    trusted_proxies: int = _setting(
        "ECODML_TRUSTED_PROXIES",
        0,
        "reverse proxies in front of the API, whose X-Forwarded-* headers say who asks",
    )
    rate_limit_factor: float = _setting(
        "ECODML_RATE_LIMIT_FACTOR", 1.0, "multiplies how often requests may come; 0: as often as they like"
    )
    rate_limit_storage: str = _setting(
        "ECODML_RATE_LIMIT_STORAGE",
        "",
        "where requests are counted, a URI of the limits library; none: in the queue, without one in this process",
        secret=True,
    )
    queue_url: str = _setting(
        "ECODML_QUEUE_URL",
        "",
        "several API processes: the Redis by which they tell one another of sockets, redis:// or rediss://[:PASSWORD@]HOST",
        secret=True,
    )
    objects: str = _setting(
        "ECODML_OBJECTS",
        "",
        "where bulk data is kept: gs://bucket[/prefix], or a folder of the state if empty",
    )
    objects_credentials_file: Path | None = _setting(
        "ECODML_OBJECTS_CREDENTIALS_FILE",
        None,
        "key file of the service account that owns the bucket's objects; none: Google's own ways to find one",
    )
    objects_endpoint: str = _setting(
        "ECODML_OBJECTS_ENDPOINT", "https://storage.googleapis.com", "the origin that answers for gs://"
    )
    mongodb_uri: str = _setting(
        "MONGODB_URI",
        "mongodb://127.0.0.1:27018/?replicaSet=rs0",
        "database (a replica set: change streams, transactions); its password percent-encoded",
        secret=True,
    )
    mongodb_password_file: Path | None = _setting(
        "MONGODB_PASSWORD_FILE", None, "file that holds the database's password, in place of the URI"
    )
    mongodb_database: str = _setting("ECODML_DATABASE", "ecodml", "database name")
    market_rpc_url: str = _setting(
        "ECODML_MARKET_RPC_URL", "http://127.0.0.1:8545", "market chain's JSON-RPC"
    )
    carbon_rpc_url: str = _setting(
        "ECODML_CARBON_RPC_URL", "http://127.0.0.1:8546", "carbon chain's JSON-RPC"
    )
    market_chain_name: str = _setting(
        "ECODML_MARKET_CHAIN_NAME", "EcoDML market", "what wallets are told to call the market chain"
    )
    carbon_chain_name: str = _setting(
        "ECODML_CARBON_CHAIN_NAME", "EcoDML carbon", "what wallets are told to call the carbon chain"
    )
    market_coin: str = _setting("ECODML_MARKET_COIN", "ETH", "symbol of the market chain's own coin")
    carbon_coin: str = _setting("ECODML_CARBON_COIN", "ETH", "symbol of the carbon chain's own coin")
    market_explorer_url: str = _setting(
        "ECODML_MARKET_EXPLORER_URL",
        "",
        "a block explorer of the market chain; transactions are at URL/tx/HASH",
    )
    carbon_explorer_url: str = _setting(
        "ECODML_CARBON_EXPLORER_URL", "", "a block explorer of the carbon chain"
    )
    deployments_file: Path = _setting(
        "ECODML_DEPLOYMENTS_FILE",
        Path("run/stack/deployments.json"),
        "addresses and ABIs written by scripts/deploy.py",
    )
    operator_key_file: Path = _setting(
        "ECODML_OPERATOR_KEY_FILE",
        Path("run/stack/keys/operator.json"),
        "the operator's chain key, {address, private_key}",
    )
    faucet_key_file: Path | None = _setting(
        "ECODML_FAUCET_KEY_FILE", None, "local chains only: key that hands out coins for trying things"
    )
    rater_key_file: Path | None = _setting(
        "ECODML_RATER_KEY_FILE", None, "the key that holds RATER_ROLE: sets nodes' baselines on chain"
    )
    circuits_dir: Path | None = _setting(
        "ECODML_CIRCUITS_DIR",
        None,
        "the circuits and keys that green certificates are proven with (make circuits)",
    )
    benchmark_days: float = _setting(
        "ECODML_BENCHMARK_DAYS", 30.0, "how long a node's baseline is good for before it fades"
    )
    market_chain_energy: str = _setting(
        "ECODML_MARKET_CHAIN_ENERGY",
        "local",
        "energy of a transaction on the market chain: local, ethereum, polygon, or millijoules",
    )
    carbon_chain_energy: str = _setting(
        "ECODML_CARBON_CHAIN_ENERGY", "local", "energy of a transaction on the carbon chain, likewise"
    )
    epoch_seconds: float = _setting(
        "ECODML_EPOCH_SECONDS", 60.0, "how long a job's readings wait at most for others' to be sealed with"
    )
    benchmarks_at_once: int = _setting(
        "ECODML_BENCHMARKS_AT_ONCE", 4, "nodes benchmarked at the same time; 0 for none at all"
    )
    benchmark_reference_seconds: float = _setting(
        "ECODML_BENCHMARK_REFERENCE_SECONDS",
        1.5,
        "the reference machine's time for the benchmark (one thread of an AMD EPYC server in the cloud)",
    )
    benchmark_reference_joules: float = _setting(
        "ECODML_BENCHMARK_REFERENCE_JOULES",
        7.0,
        "the reference machine's energy for the benchmark (the same thread, by the product's own model of 8 W a core)",
    )
    server_secret_file: Path = _setting(
        "ECODML_SERVER_SECRET_FILE",
        Path("run/stack/keys/server-secret"),
        "32 random bytes, hex: signs object URLs and nonces",
    )
    workers_file: Path = _setting(
        "ECODML_WORKERS_FILE",
        Path("run/stack/keys/workers.json"),
        "addresses of the aggregator's and evaluator's keys by role",
    )
    smtp_url: str = _setting(
        "SMTP_URL",
        "smtp://127.0.0.1:8025",
        "mail server: smtp://, smtp+starttls:// or smtps://, USER:PASSWORD@ percent-encoded; a password is sent over TLS only",
        secret=True,
    )
    smtp_password_file: Path | None = _setting(
        "ECODML_SMTP_PASSWORD_FILE", None, "file that holds the mail server's password, in place of the URL"
    )
    mail_from: str = _setting("ECODML_MAIL_FROM", "EcoDML <no-reply@ecodml.local>", "sender of mails")
    mail_page_port: int = _setting(
        "ECODML_MAIL_PAGE_PORT", 8026, "local mail sink: port of the page to read mails on"
    )
    scheduler: str = _setting(
        "ECODML_SCHEDULER",
        "weighted",
        "how nodes, start and power are chosen: weighted, pareto, carbon, learned or standard (no thought of energy)",
    )
    round_seconds: float = _setting(
        "ECODML_ROUND_SECONDS", 600.0, "longest time a trainer may take for one round"
    )
    round_floor_seconds: float = _setting(
        "ECODML_ROUND_FLOOR_SECONDS",
        30.0,
        "time every trainer has for a round, however fast earlier ones were",
    )
    round_patience: float = _setting(
        "ECODML_ROUND_PATIENCE",
        3.0,
        "a straggler is left behind after so many times what earlier rounds took",
    )
    absence_seconds: float = _setting(
        "ECODML_ABSENCE_SECONDS", 45.0, "how long a job waits for a node that went offline to come back"
    )
    lease_seconds: float = _setting(
        "ECODML_LEASE_SECONDS", 15.0, "how long a dispatcher's claim on a ticket lives unrenewed"
    )
    confirmations: int = _setting(
        "ECODML_CONFIRMATIONS", 1, "blocks (its own included) before a chain event counts"
    )
    max_fee_gwei: float = _setting(
        "ECODML_MAX_FEE_GWEI",
        3_000.0,
        "most that is paid for gas; while a chain asks more, transactions wait",
    )
    max_dataset_bytes: int = _setting("ECODML_MAX_DATASET_BYTES", 1_000_000_000, "largest dataset accepted")
    link_days: float = _setting("ECODML_LINK_DAYS", 7.0, "how long download links in mails work")
    minimum_deadline_seconds: int = _setting(
        "ECODML_MINIMUM_DEADLINE_SECONDS", 45, "shortest deadline a customer may ask for"
    )
    reward_weights: Weights = _setting(
        "ECODML_REWARD_WEIGHTS", WEIGHTS, "percent of a job's pay by part, under the composite scheme"
    )
    default_deadline_seconds: int = _setting(
        "ECODML_DEFAULT_DEADLINE_SECONDS", 3600, "deadline where the customer names none"
    )

    electricitymaps_token: str = _setting(
        "ECODML_ELECTRICITYMAPS_TOKEN",
        "",
        "token of the Electricity Maps API; none: it is not asked",
        secret=True,
    )
    electricitymaps_token_file: Path | None = _setting(
        "ECODML_ELECTRICITYMAPS_TOKEN_FILE", None, "file that holds this token, in place of the variable"
    )
    electricitymaps_url: str = _setting(
        "ECODML_ELECTRICITYMAPS_URL", "https://api.electricitymaps.com", "where that API is"
    )
    intensity_dir: Path | None = _setting(
        "ECODML_INTENSITY_DIR", None, "folder of hourly CSV files as Electricity Maps publishes them"
    )

    def __post_init__(self) -> None:
        rules.check_choice("ECODML_SCHEDULER", self.scheduler, rules.SCHEDULERS, "settings.scheduler")
        rules.check_choice("ECODML_LOG", self.log_form, rules.LOG_FORMS, "settings.log")
        rules.check_ports({name: getattr(self, name) for name in ("api_port", "mail_page_port")})
        rules.check_ports({"metrics_port": self.metrics_port} if self.metrics_port else {})
        rules.check_positive({name: getattr(self, name) for name in rules.POSITIVE})
        rules.check_not_negative({name: getattr(self, name) for name in rules.NOT_NEGATIVE})
        rules.check_objects(self.objects, self.objects_endpoint, self.link_days)
        rules.check_queue(self.queue_url)
        rules.check_tls(self.tls_cert_file, self.tls_key_file, self.api_url)

    @property
    def objects_origin(self) -> str:
        """The origin that signed object URLs lead to where it is not the API's own, else empty."""
        return self.objects_endpoint if self.objects else ""


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment (or the mapping given); Invalid `settings.value` names what does not fit."""
    source = os.environ if environment is None else environment
    hints = get_type_hints(Settings)
    given = {}
    for setting in fields(Settings):
        env = setting.metadata["env"]
        if source.get(env):
            given[setting.name] = _parse(env, source[env], hints[setting.name])
    return Settings(**given)


def describe() -> list[tuple[str, str, str]]:
    """(environment variable, default, help) of every setting."""
    return [(f.metadata["env"], str(f.default), f.metadata["help"]) for f in fields(Settings)]


def environment(name: str) -> str | None:
    """A variable that the caller named on the command line (such as a key's), None if unset."""
    return os.environ.get(name)


def _parse(env: str, text: str, kind: Any) -> Any:
    if kind is Weights:
        try:
            return Weights.read(text)
        except ValueError as error:
            raise Invalid("settings.value", f"{env}: {error}.") from error
    parser = {int: int, float: float, str: str}.get(kind, Path)
    try:
        return parser(text)
    except ValueError as error:
        raise Invalid("settings.value", f"{env} must be a {parser.__name__}, not {text!r}.") from error
