"""A chain that is another one, was reset, or is gone, is noticed before anything is sent to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractLogicError

from backend.adapters.chain.connection import revert_data
from backend.adapters.chain.deployments import load_deployments, parse_deployments
from backend.adapters.chain.faucet import DML_WEI, NATIVE_WEI, Faucet
from backend.adapters.chain.market import Web3Market
from backend.adapters.chain.refusals import SENTENCES, Refusals
from backend.domain.effects import Cancel
from backend.errors import Conflict, Recoverable, Unrecoverable
from tests.support.artifacts import artifacts
from tests.support.chains import account, anvil


def test_market__chain_gone__can_be_retried(stage):
    market = Web3Market(stage.world.deployments, "http://127.0.0.1:9", stage.world.key("operator"))
    with pytest.raises(Recoverable) as gone:
        market.events(0)
    assert gone.value.code == "chain.unreachable"


def test_market__fresh_chain_under_old_deployments__says_it_was_reset(stage):
    with anvil() as url:
        market = Web3Market(stage.world.deployments, url, stage.world.key("operator"))
        ticket = stage.quoted()
        with pytest.raises(Unrecoverable, match="the chain was reset") as reset:
            market.carry_out(Cancel(ticket.id, ticket.job_id), ticket)
    assert reset.value.code == "chain.reset"


def test_market__another_chain_id__is_named(stage):
    deployments = stage.world.deployments
    elsewhere = replace(deployments, market=replace(deployments.market, chain_id=80_002))
    with pytest.raises(Unrecoverable, match="is chain 31337, not 80002"):
        Web3Market(elsewhere, stage.world.rpc_url, stage.world.key("operator")).commission_bps()


def test_faucet__local_chain__gives_both_coins(stage):
    faucet = Faucet(stage.world.deployments, stage.world.rpc_url, stage.world.key("faucet"))
    poor = account("poor").address
    assert faucet(poor) == (DML_WEI, NATIVE_WEI)
    assert stage.world.contract("DMLToken").functions.balanceOf(poor).call() == DML_WEI
    assert stage.world.web3.eth.get_balance(poor) == NATIVE_WEI


def test_faucet__two_local_chains__gives_the_native_coin_of_both(stage):
    with anvil(chain_id=31338) as url:
        web3 = Web3(HTTPProvider(url))
        web3.provider.make_request("anvil_setBalance", [stage.world.person("faucet").address, hex(10**19)])
        carbon = replace(stage.world.deployments.carbon, chain_id=31338, rpc_url=url, contracts={})
        both = replace(stage.world.deployments, carbon=carbon)
        faucet = Faucet(both, stage.world.rpc_url, stage.world.key("faucet"), url)
        poor = account("poor on both").address
        assert faucet(poor) == (DML_WEI, NATIVE_WEI)
        assert web3.eth.get_balance(poor) == stage.world.web3.eth.get_balance(poor) == NATIVE_WEI


def test_faucet__other_chain__refuses_in_a_sentence():
    with anvil(chain_id=80_002) as url:
        web3 = Web3(HTTPProvider(url))
        built = artifacts()["LocalFaucet"]
        factory = web3.eth.contract(abi=built["abi"], bytecode=built["bytecode"])
        with pytest.raises(ContractLogicError) as refused:
            factory.constructor(account("token").address, 1).transact({"from": web3.eth.accounts[0]})
    decoded = Refusals([built["abi"]]).decode(revert_data(refused.value))
    assert decoded.name == "LocalFaucet_NotALocalChain"
    assert isinstance(decoded.error(), Conflict)


def test_refusals__every_sentence__speaks_of_what_its_error_carries():
    abis = [built["abi"] for built in artifacts().values()]
    errors = {
        e["name"]: {i["name"] for i in e["inputs"]} for abi in abis for e in abi if e["type"] == "error"
    }
    assert set(SENTENCES) <= set(errors)
    for name, sentence in SENTENCES.items():
        sentence.format(**dict.fromkeys(errors[name], "x"))


def test_refusals__garbage__is_still_a_sentence():
    refusals = Refusals([])
    for data in (None, "0x", "0x12345678", "0x08c379a0" + "ff" * 8):
        assert refusals.decode(data).sentence.endswith(".")


def test_load_deployments__missing_or_broken__says_what_to_do(tmp_path: Path, stage):
    with pytest.raises(Unrecoverable, match="deploy the contracts first"):
        load_deployments(tmp_path / "none.json")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(Unrecoverable, match="does not hold JSON"):
        load_deployments(broken)
    with pytest.raises(Unrecoverable, match="no market chain"):
        parse_deployments({})
    market = stage.world.document["market"]
    partly = {name: at for name, at in market["contracts"].items() if name != "JobEscrow"}
    with pytest.raises(Unrecoverable, match="no JobEscrow"):
        parse_deployments({"market": market | {"contracts": partly}})
    with pytest.raises(Unrecoverable, match="cannot be read"):
        parse_deployments({"market": market | {"contracts": {"JobEscrow": {"address": "0x1", "abi": []}}}})
