"""The two chains, and what is known of grids and of what transactions cost."""

from __future__ import annotations

import time
from collections.abc import Callable

from backend.adapters.chain.carbon import Web3Carbon, no_contents
from backend.adapters.chain.credits import Contents
from backend.adapters.chain.deployments import Deployments, Network, load_deployments
from backend.adapters.chain.faucet import Faucet
from backend.adapters.chain.fees import GWEI, Pace
from backend.adapters.chain.market import Web3Market
from backend.adapters.chain.probe import NodeProbe
from backend.adapters.chain.rater import Web3Rater
from backend.adapters.intensity import (
    ElectricityMaps,
    HourlyFiles,
    PreferredIntensities,
    Source,
    YearlyFactors,
)
from backend.bootstrap.chain_watch import watch_chains
from backend.bootstrap.stores import private_key, read
from backend.config import Settings
from backend.energy.chain_energy import ChainFigures, figures
from backend.ports import Cursors
from backend.settlement import ledger, mirror
from backend.settlement.following import require_unbroken
from backend.settlement.identity import Identities


def deployed(settings: Settings, cursors: Cursors) -> Deployments:
    """What is deployed where, on the chains that the database belongs to; Unrecoverable `chain.reset` on others, now and later."""
    recognised = load_deployments(settings.deployments_file).recognised_by(Identities(cursors).recognise)
    watch_chains(settings, recognised)
    return recognised


def _pace(settings: Settings) -> Pace:
    return Pace(settings.confirmations, highest_fee_wei=int(settings.max_fee_gwei * GWEI))


def probes(settings: Settings, deployments: Deployments, cursors: Cursors) -> dict[str, Callable[[], str]]:
    """What a health page asks of the chains' nodes and of who follows them."""

    def node(network: Network, url: str, follower: str) -> NodeProbe:
        return NodeProbe(network, url, _pace(settings), lambda: cursors.load(follower) or 0)

    asked: dict[str, Callable[[], str]] = {
        "market chain's node": node(deployments.market, settings.market_rpc_url, mirror.CURSOR),
        "market events": lambda: require_unbroken(cursors, mirror.CURSOR, time.time()),
        "carbon events": lambda: require_unbroken(cursors, ledger.CURSOR, time.time()),
    }
    if deployments.carbon is not None:
        asked["carbon chain"] = node(deployments.carbon, settings.carbon_rpc_url, ledger.CURSOR)
    return asked


def market(settings: Settings, deployments: Deployments) -> Web3Market:
    """The market chain, written to with the operator's key."""
    key = private_key(settings.operator_key_file)
    return Web3Market(deployments, settings.market_rpc_url, key, settings.confirmations, _pace(settings))


def carbon(settings: Settings, deployments: Deployments, contents: Contents = no_contents) -> Web3Carbon:
    """The carbon chain; `contents` finds what an epoch of the ledger holds."""
    key = private_key(settings.operator_key_file)
    pace = _pace(settings)
    return Web3Carbon(deployments, settings.carbon_rpc_url, key, settings.confirmations, pace, contents)


def rater(settings: Settings, deployments: Deployments) -> Web3Rater | None:
    """Who sets baselines on chain, where there is a key for it."""
    if settings.rater_key_file is None:
        return None
    key = private_key(settings.rater_key_file)
    return Web3Rater(deployments, settings.market_rpc_url, key, settings.confirmations, _pace(settings))


def faucet(settings: Settings, deployments: Deployments) -> Faucet | None:
    """Local chains only."""
    if settings.faucet_key_file is None:
        return None
    key = private_key(settings.faucet_key_file)
    return Faucet(deployments, settings.market_rpc_url, key, settings.carbon_rpc_url)


def intensities(settings: Settings) -> PreferredIntensities:
    """What grids emit: the API where a token is set, then the folder of hourly files, then countries' yearly averages."""
    token = settings.electricitymaps_token
    if settings.electricitymaps_token_file is not None:
        token = read(settings.electricitymaps_token_file)
    sources: list[Source] = [YearlyFactors()]
    if settings.intensity_dir is not None:
        sources.insert(0, HourlyFiles(settings.intensity_dir))
    if token.strip():
        sources.insert(0, ElectricityMaps(token.strip(), time.time, settings.electricitymaps_url))
    return PreferredIntensities(sources)


def chain_figures(settings: Settings) -> ChainFigures:
    """What a transaction costs on either chain."""
    return figures(settings.market_chain_energy, settings.carbon_chain_energy)
