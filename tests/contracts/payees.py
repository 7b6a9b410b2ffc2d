"""Providers that are contracts."""

from functools import cache
from pathlib import Path
from typing import Any

from brownie import compile_source
from escrow_world import DEPOSIT_WEI, World, node_key

SOURCE = Path(__file__).parent / "fixtures" / "ContractPayee.sol"


@cache
def _container() -> Any:
    project = compile_source(
        SOURCE.read_text(encoding="utf-8"), solc_version="0.8.30", evm_version="shanghai"
    )
    return project.ContractPayee


def contract_provider(world: World, role: int) -> Any:
    """A contract with a node of its own."""
    payee = _container().deploy({"from": world.stranger})
    key = node_key(payee.address).address
    act(world, payee, world.staking.register, "contract", key, role, value=DEPOSIT_WEI)
    return payee


def act(world: World, payee: Any, call: Any, *arguments: Any, value: int = 0) -> Any:
    """The contract calls the staking."""
    data = call.encode_input(*arguments)
    return payee.act(world.staking, data, {"from": world.stranger, "value": value})
