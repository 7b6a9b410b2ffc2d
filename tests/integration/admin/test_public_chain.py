"""The scripts on a chain with Polygon Amoy's id: real blocks every second, no defaults, nothing sent unasked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.admin.brownie_scripts import PUBLIC_SETTINGS, Office, key
from tests.support.chains import DML, account, anvil

AMOY_ID = 80002
LEAST_TIP_WEI = 25 * 10**9


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """The chain, a funded deployer, complete settings."""
    with anvil("--block-time", "1", chain_id=AMOY_ID) as url:
        office = Office(url, tmp_path, network="amoy", settings=PUBLIC_SETTINGS)
        for name in ("deployer", "minter"):
            balance = [account(name).address, hex(100 * DML)]
            office.web3.provider.make_request("anvil_setBalance", balance)
        yield office


def test_public_chain__from_nothing_to_the_first_coin__is_explicit_and_confirmed(office):
    no_url = office.run("deploy", AMOY_RPC_URL="")
    no_window = office.run("deploy", CONTEST_SECONDS="", SEND="yes")
    unasked = office.run("deploy")
    expensive = office.run("deploy", SEND="yes", MAX_FEE_GWEI="20")
    untouched = office.sent_by("deployer")
    office.done("deploy", SEND="yes", CONFIRMATIONS="1")
    again = office.done("deploy")
    unminted = office.run("admin", "mint", account("customer").address, "5", MINTER_PRIVATE_KEY=key("minter"))
    minted = office.done(
        "admin", "mint", account("customer").address, "5", MINTER_PRIVATE_KEY=key("minter"), SEND="yes"
    )

    assert [ran.status for ran in (no_url, no_window, unasked, expensive, unminted)] == [1] * 5
    assert [ran.code for ran in (no_url, no_window)] == ["admin.setting"] * 2
    assert (unasked.code, expensive.code, unminted.code) == (
        "admin.not_sent",
        "chain.expensive",
        "admin.not_sent",
    )
    assert f"{account('deployer').address} would pay up to" in unasked.complained
    assert untouched == 0
    assert "market: 0 transaction(s) sent" in again
    assert list(office.record["market"]["contracts"]) == ["DMLToken", "NodeStaking", "JobEscrow"]
    assert office.record["market"]["rpc_url"] == "", "it may hold an API key"
    assert f"{account('minter').address} pays for mint on amoy" in minted
    _assert_the_mint_was_priced_and_confirmed(office)


def _assert_the_mint_was_priced_and_confirmed(office: Office) -> None:
    token = office.contract("DMLToken")
    (event,) = token.events.Transfer().get_logs(from_block=0)
    transaction = office.web3.eth.get_transaction(event["transactionHash"])
    assert token.functions.balanceOf(account("customer").address).call() == 5 * DML
    assert transaction["maxPriorityFeePerGas"] >= LEAST_TIP_WEI
    assert transaction["maxFeePerGas"] > transaction["maxPriorityFeePerGas"]
    assert office.web3.eth.block_number >= event["blockNumber"] + 4, "five blocks, its own included"
