"""join, status, leave, withdraw: the provider's dealings with the market."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from eth_account.signers.local import LocalAccount

from fl_nodes.cli import backend
from fl_nodes.cli.chain import ETHER, ROLE_BITS, MarketChain
from fl_nodes.cli.home import Joined, NodeHome
from fl_nodes.cli.terminal import coins, finish
from fl_nodes.cli.wallet import open_wallet
from fl_nodes.errors import NodeError, Refused


def join(options: argparse.Namespace) -> None:
    """Make the node's key, lock the deposit, register."""
    wallet = open_wallet(options.keystore, options.private_key_env)
    home = NodeHome(options.home)
    chain = _market(options)
    key = home.key_or_new()
    minimum = int(chain.view("NodeStaking", "minDeposit"))
    deposit = _wei(options.deposit) if options.deposit is not None else minimum
    if deposit < minimum:
        raise Refused("node.deposit", f"The deposit is below the minimum of {coins(minimum, 'ETH')}.")
    joined = _record(options, chain, wallet, key)
    known = chain.node(wallet.address)
    if known.state == "Active" and (known.node_key, known.name) == (key.address, options.name):
        home.remember(joined)
        finish(options.json, _joined_document(joined, "", known.deposit_wei), [f"{joined.name} had joined already."])
        return
    transaction = chain.send(
        wallet, "NodeStaking", "register", options.name, key.address, ROLE_BITS[options.role], value_wei=deposit
    )
    home.remember(joined)
    lines = [
        f"{joined.name} has joined as {joined.role}, with a deposit of {coins(deposit, 'ETH')}.",
        f"Start it with: ecodml node run --home {home.folder}",
    ]
    finish(options.json, _joined_document(joined, transaction, deposit), lines)


def status(options: argparse.Namespace) -> None:
    """What the chain and the backend say about this node."""
    joined = NodeHome(options.home).joined()
    chain = _market(options, joined)
    known, seen = chain.node(joined.provider), _seen(options.api or joined.api, joined.provider)
    earned = int(chain.view("JobEscrow", "credit", joined.provider))
    share = int(chain.view("NodeStaking", "credit", joined.provider))
    document = {
        "joined": asdict(joined),
        "chain": asdict(known) | {"deposit_wei": str(known.deposit_wei)},
        "to_withdraw": {"dml_wei": str(earned), "slashed_share_wei": str(share)},
        "backend": seen,
    }
    lines = [
        f"{joined.name} ({joined.role}) of {joined.provider}",
        f"  on chain     {known.state}, deposit {coins(known.deposit_wei, 'ETH')}, rating {known.rating_bps / 100:.2f} %",
        f"  working on   {known.assigned_jobs} job(s){', deposit frozen by a verdict' if known.frozen else ''}",
        f"  to withdraw  {coins(earned, 'DML')} earned, {coins(share, 'ETH')} of slashed deposits",
        f"  connected    {_connected(seen)}",
    ]
    if known.state == "Exiting":
        ready = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(known.exit_at_unix_s))
        lines.append(f"  leaving      the deposit can be withdrawn from {ready}")
    finish(options.json, document, lines)


def leave(options: argparse.Namespace) -> None:
    """Ask for the deposit back: no new jobs from now on, the deposit after the unbonding delay."""
    wallet, joined = _own_wallet(options)
    chain = _market(options, joined)
    transaction = chain.send(wallet, "NodeStaking", "requestExit")
    exit_at = chain.node(wallet.address).exit_at_unix_s
    ready = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(exit_at))
    lines = [
        f"{joined.name} takes no new jobs. Its deposit can be withdrawn from {ready}:",
        f"ecodml node withdraw --home {options.home}",
    ]
    finish(options.json, {"transaction": transaction, "exit_at_unix_s": exit_at}, lines)


def withdraw(options: argparse.Namespace) -> None:
    """Take what is due: earned DML, shares of slashed deposits, and the deposit once it is free."""
    wallet, joined = _own_wallet(options)
    chain = _market(options, joined)
    me = wallet.address
    done: dict[str, Any] = {}
    lines: list[str] = []

    def take(name: str, amount: int, unit: str, contract: str, function: str) -> None:
        transaction = chain.send(wallet, contract, function)
        done[name] = {"wei": str(amount), "transaction": transaction}
        lines.append(f"Withdrawn: {coins(amount, unit)} ({name.replace('_', ' ')}).")

    earned = int(chain.view("JobEscrow", "credit", me))
    share = int(chain.view("NodeStaking", "credit", me))
    if earned:
        take("earned", earned, "DML", "JobEscrow", "withdraw")
    if share:
        take("slashed_shares", share, "ETH", "NodeStaking", "withdrawCredit")
    known = chain.node(me)
    if known.state == "Exiting":
        try:
            take("deposit", known.deposit_wei, "ETH", "NodeStaking", "withdraw")
        except NodeError as error:
            if not done:
                raise
            done["deposit"] = {"refused": {"code": error.code, "message": error.message}}
            lines.append(error.message)
    if not done:
        why = "; the deposit stays while the node is active" if known.state == "Active" else ""
        raise Refused("withdraw.nothing", f"There is nothing to withdraw{why}.")
    finish(options.json, done, lines)


def _market(options: argparse.Namespace, joined: Joined | None = None) -> MarketChain:
    document = backend.market(options.api or (joined.api if joined else ""))
    if options.rpc:
        document = document | {"rpc_url": options.rpc}
    chain = MarketChain(document)
    chain.check()
    return chain


def _record(options: argparse.Namespace, chain: MarketChain, wallet: LocalAccount, key: LocalAccount) -> Joined:
    return Joined(
        name=options.name,
        role=options.role,
        provider=str(wallet.address),
        key=str(key.address),
        api=options.api,
        chain_id=chain.chain_id,
        rpc_url=chain.rpc_url,
        staking=chain.address("NodeStaking"),
        escrow=chain.address("JobEscrow"),
    )


def _joined_document(joined: Joined, transaction: str, deposit_wei: int) -> dict[str, Any]:
    return asdict(replace(joined)) | {"transaction": transaction, "deposit_wei": str(deposit_wei)}


def _own_wallet(options: argparse.Namespace) -> tuple[LocalAccount, Joined]:
    joined = NodeHome(options.home).joined()
    wallet = open_wallet(options.keystore, options.private_key_env)
    if wallet.address != joined.provider:
        raise Refused("wallet.other", f"This node was joined by {joined.provider}, not by the wallet given.")
    return wallet, joined


def _seen(api: str, provider: str) -> dict[str, Any] | None:
    try:
        return backend.get(api, f"/api/nodes/{provider}")
    except NodeError as error:
        return {"error": {"code": error.code, "message": error.message}}


def _connected(seen: dict[str, Any] | None) -> str:
    node = (seen or {}).get("node")
    if not isinstance(node, dict):
        return "the backend does not know this node yet"
    return "yes" if node.get("online") else "no: start it with `ecodml node run`"


def _wei(amount: str) -> int:
    try:
        wei = Decimal(amount) * ETHER
    except InvalidOperation as error:
        raise Refused("node.deposit", f"{amount!r} is not an amount of ETH, such as 0.5.") from error
    if not wei.is_finite() or wei <= 0 or wei != wei.to_integral_value():
        raise Refused("node.deposit", f"{amount!r} is not an amount of ETH, such as 0.5.")
    return int(wei)
