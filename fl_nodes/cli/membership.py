"""`ecodml node join|status|leave|withdraw`: the provider's money and standing."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from typing import Any

from eth_account.signers.local import LocalAccount

from fl_nodes.cli import energy
from fl_nodes.cli.accusations import accusations
from fl_nodes.cli.accusations import contest as contest_accusation
from fl_nodes.cli.ended_jobs import release_ended
from fl_nodes.cli.home import Home, Identity
from fl_nodes.cli.market import ROLES, STATES, Market, configuration, public_record
from fl_nodes.errors import NodeError, Refused
from fl_nodes.keys import key_from_environment, read_key_file
from fl_nodes.protocol.site_supply import claimed

WEI = 10**18
Facts = dict[str, Any]


def join(options: argparse.Namespace) -> Facts:
    """Register a node and pay its deposit; doing it again with the same wallet, name and key changes nothing."""
    wallet = _wallet(options)
    home = Home(options.home)
    market = _market(options.api)
    key = home.key()
    standing = market.standing(wallet.address)
    tx = None
    if (
        standing["state"] == "Active"
        and standing["nodeKey"] == key.address
        and standing["name"] == options.name
    ):
        deposit = int(standing["deposit"])
    else:
        deposit = _deposit_wei(options.deposit) or market.minimum_deposit_wei()
        if deposit < market.minimum_deposit_wei():
            least = Decimal(market.minimum_deposit_wei()) / WEI
            raise Refused("node.deposit", f"The deposit is at least {least} coins.")
        if market.balance_wei(wallet.address) < deposit:
            faucet = f"`ecodml faucet {wallet.address}` on a local chain"
            raise Refused(
                "wallet.funds", f"{wallet.address} holds too few coins for the deposit: try {faucet}."
            )
        function = market.staking.functions.register(options.name, key.address, ROLES[options.role])
        tx = market.send(wallet, function, deposit)
    home.save(
        Identity(
            options.name,
            options.role,
            wallet.address,
            key.address,
            options.api,
            market.chain_id,
            market.escrow_address,
        )
    )
    return {
        "name": options.name,
        "role": options.role,
        "provider": wallet.address,
        "node_key": key.address,
        "deposit_wei": str(deposit),
        "tx": tx,
        "next": f"ecodml node run --home {home.folder}",
    }


def status(options: argparse.Namespace) -> Facts:
    """Standing on chain, presence, credits and jobs."""
    home = Home(options.home)
    identity = home.identity()
    api = options.api or identity.api_url
    market = _market(api)
    standing = market.standing(identity.provider)
    dml, native = market.credits(identity.provider)
    facts: Facts = {
        "name": identity.name,
        "role": identity.role,
        "provider": identity.provider,
        "state": standing["state"],
        "deposit_wei": str(standing["deposit"]),
        "rating_bps": standing["rating"],
        "assigned_jobs": standing["assignedJobs"],
        "frozen": bool(standing["frozen"]),
        "credit_dml_wei": str(dml),
        "credit_native_wei": str(native),
    }
    seen = public_record(api, identity.provider)
    facts["online"] = bool(seen and seen["node"].get("online"))
    facts["baseline"] = seen["node"].get("baseline") if seen else None
    supply = claimed(seen["node"].get("forecast") or {}) if seen else None
    facts["rest_until"] = seen["node"].get("rest_until") or None if seen else None
    facts["zone"] = seen["node"].get("zone") if seen else None
    facts["site"] = {"watts": supply.watts[0], "method": supply.method} if supply else None
    # Why a job paid so much is another question: `ecodml node earnings JOB`.
    facts["jobs"] = [
        {name: value for name, value in job.items() if name not in ("pay", "weights")}
        for job in (seen or {}).get("jobs", [])
    ]
    # The market could leave one out: the chain counts them.
    facts["accusations"] = accusations(market, identity.provider) if standing["frozen"] else []
    facts["energy"] = energy.summary(home)
    return facts


def contest(options: argparse.Namespace) -> Facts:
    """Have an accusation decided by the arbiter instead of losing the deposit when the window ends."""
    return contest_accusation(options, *_member(options))


def leave(options: argparse.Namespace) -> Facts:
    """Ask to exit; the deposit can be withdrawn after the unbonding delay."""
    identity, wallet, market = _member(options)
    tx = market.send(wallet, market.staking.functions.requestExit())
    standing = market.standing(identity.provider)
    return {
        "name": identity.name,
        "tx": tx,
        "exit_at": standing["exitAt"],
        "next": "ecodml node withdraw, after exit_at",
    }


def withdraw(options: argparse.Namespace) -> Facts:
    """Take out what is due: DML earned, shares of slashed deposits, and the deposit when unbonding is over."""
    identity, wallet, market = _member(options)
    dml, native = market.credits(identity.provider)
    taken: Facts = {"name": identity.name, "dml_wei": "0", "native_wei": "0", "deposit_wei": "0"}
    if dml:
        market.send(wallet, market.escrow.functions.withdraw())
        taken["dml_wei"] = str(dml)
    if native:
        market.send(wallet, market.staking.functions.withdrawCredit())
        taken["native_wei"] = str(native)
    standing = market.standing(identity.provider)
    if standing["state"] == STATES[2]:
        try:
            if standing["assignedJobs"]:
                release_ended(market, wallet, identity.provider)
            market.send(wallet, market.staking.functions.withdraw())
            taken["deposit_wei"] = str(standing["deposit"])
        except NodeError as error:
            taken["deposit_waits"] = error.message
    if len(taken) == 4 and not any(int(taken[name]) for name in ("dml_wei", "native_wei", "deposit_wei")):
        why = "; the deposit stays while the node is active" if standing["state"] == STATES[1] else ""
        raise Refused("withdraw.nothing", f"There is nothing to withdraw{why}.")
    return taken


def _member(options: argparse.Namespace) -> tuple[Identity, LocalAccount, Market]:
    identity = Home(options.home).identity()
    wallet = _wallet(options)
    if wallet.address != identity.provider:
        raise Refused("wallet.other", f"The node belongs to {identity.provider}, not to {wallet.address}.")
    return identity, wallet, _market(options.api or identity.api_url)


def _market(api: str) -> Market:
    market = Market(configuration(api))
    market.check()
    return market


def _wallet(options: argparse.Namespace) -> LocalAccount:
    if options.keystore:
        return read_key_file(options.keystore)
    if options.private_key_env:
        return key_from_environment(options.private_key_env)
    raise Refused("wallet.missing", "Name your wallet: --keystore FILE or --private-key-env VAR.")


def _deposit_wei(coins: str | None) -> int | None:
    if coins is None:
        return None
    try:
        wei = Decimal(coins) * WEI
    except InvalidOperation as error:
        raise Refused("node.deposit", f"--deposit is a number of coins, not {coins!r}.") from error
    if not wei.is_finite() or wei <= 0 or wei != wei.to_integral_value():
        raise Refused("node.deposit", f"--deposit must be more than zero, not {coins}.")
    return int(wei)
