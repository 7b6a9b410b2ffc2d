"""Allowances of the token given by a signature (EIP-2612)."""

from typing import Any

from brownie import accounts, chain, web3
from escrow_world import World
from eth_account import Account
from eth_utils import keccak

FIELDS = "address owner,address spender,uint256 value,uint256 nonce,uint256 deadline"


def signing_wallet(world: World, funds_wei: int) -> Any:
    """A customer that signs for itself, as a browser's wallet does, with coins for gas and so much DML."""
    wallet = accounts.add(keccak(text="a wallet that signs"))
    web3.provider.make_request("anvil_setBalance", [wallet.address, hex(10**18)])
    world.token.mint(wallet, funds_wei, {"from": world.admin})
    return wallet


def sign_permit(
    world: World, owner: Any, value: int, until: int, nonce: int | None = None, chain_id: int | None = None
) -> tuple[int, bytes, bytes]:
    """`owner` lets the escrow take `value` wei until `until`: v, r and s."""
    types = {"Permit": [{"type": kind, "name": name} for kind, name in map(str.split, FIELDS.split(","))]}
    domain = {
        "name": "EcoDML Token",
        "version": "1",
        "chainId": chain_id or chain.id,
        "verifyingContract": str(world.token),
    }
    message = {
        "owner": str(owner),
        "spender": str(world.escrow),
        "value": value,
        "nonce": world.token.nonces(owner) if nonce is None else nonce,
        "deadline": until,
    }
    signed = Account.sign_typed_data(owner.private_key, domain, types, message)
    return signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")
