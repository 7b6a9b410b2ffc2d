"""The customer's side of the escrow, for the command line: look, pay, take back. Needs no operator, only the chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from web3 import Web3

from backend.adapters.chain.connection import Connection, block_time
from backend.adapters.chain.customer_abi import ESCROW_ABI, TOKEN_ABI
from backend.adapters.chain.deployments import Deployed, Network
from backend.adapters.chain.past import newest_tx
from backend.adapters.chain.sender import Sender
from backend.domain import job as words
from backend.errors import Invalid
from fl_nodes.protocol.signing import bytes32

PERMIT_S = 3_600
PAYMENT_GAS = 350_000
"""More than opening a job with a permit takes (about 200 000)."""


@dataclass(frozen=True)
class Balance:
    """What an account holds, in wei, and the native wei that paying for a job may cost."""

    dml_wei: int
    native_wei: int
    gas_wei: int


@dataclass(frozen=True)
class EscrowedJob:
    """A job as the escrow has it, and the chain's own time, in Unix seconds."""

    status: str
    fee_wei: int
    deadline: int
    chain_time: int


def balance(rpc_url: str, chain_id: int, token: str, address: str) -> Balance:
    """What `address` holds. Recoverable `chain.unreachable`, Unrecoverable `chain.wrong`, `chain.reset`."""
    connection = _connect(rpc_url, chain_id, DMLToken=token)
    holder = Web3.to_checksum_address(address)
    with connection.use() as web3:
        dml = connection.contract("DMLToken").functions.balanceOf(holder).call()
        base = web3.eth.get_block("latest").get("baseFeePerGas")
        price = int(web3.eth.gas_price) if base is None else 2 * int(base) + int(web3.eth.max_priority_fee)
        return Balance(int(dml), int(web3.eth.get_balance(holder)), PAYMENT_GAS * price)


def escrowed(rpc_url: str, chain_id: int, escrow: str, job_id: str) -> EscrowedJob:
    """The job's record."""
    connection = _connect(rpc_url, chain_id, JobEscrow=escrow)
    with connection.use() as web3:
        job = connection.contract("JobEscrow").functions.job(bytes32(job_id)).call()
        return EscrowedJob(words.STATUSES[job.status], job.fee, job.deadline, block_time(web3))


def pay(rpc_url: str, contracts: Mapping[str, Any], account: LocalAccount, payment: Mapping[str, Any]) -> str:
    """Open the job with one permit signature and one transaction; the confirmed hash, also when it was paid before.

    `contracts` maps names to `{"address"}`, `payment` is the API's. Conflict `chain.rejected` says why the escrow
    refuses; nothing was paid then.
    """
    for name, key in (("JobEscrow", "escrow"), ("DMLToken", "token")):
        if contracts[name]["address"].lower() != payment[key].lower():
            raise Invalid(
                "payment.contract", f"The payment names another {name} than the market's; nothing was paid."
            )
    connection = _connect(
        rpc_url, payment["chain_id"], JobEscrow=payment["escrow"], DMLToken=payment["token"]
    )
    escrow, job = connection.contract("JobEscrow"), bytes32(payment["job_id"])
    ref, fee = bytes32(payment["ref"]), int(payment["fee_wei"])

    def done() -> str | None:
        record = escrow.functions.job(job).call()
        if words.STATUSES[record.status] == words.NONE:
            return None
        return newest_tx(connection, escrow.events.JobOpened(), record.openedBlock, {"jobId": job})

    with connection.use() as web3:
        if escrow.functions.jobIdOf(account.address, ref).call() != job:
            raise Invalid("payment.account", f"The quote is not for {account.address}; nothing was paid.")
        until = block_time(web3) + PERMIT_S
        v, r, s = _permit(connection, account, fee, until)
        hashes = bytes32(payment["spec_hash"]), bytes32(payment["dataset_hash"])
        call = escrow.functions.openJobWithPermit(ref, *hashes, fee, int(payment["deadline"]), until, v, r, s)
        return Sender(connection, account, replaces=False).send(call, done)


def reclaim(rpc_url: str, chain_id: int, escrow: str, account: LocalAccount, job_id: str) -> str:
    """Take the fee of an expired job back, from any account (it goes to the customer); the confirmed hash.

    NotYet `chain.not_yet` before the deadline, Conflict `chain.rejected` for a job that ended otherwise.
    """
    connection = _connect(rpc_url, chain_id, JobEscrow=escrow)
    contract, job = connection.contract("JobEscrow"), bytes32(job_id)

    def done() -> str | None:
        record = contract.functions.job(job).call()
        if words.STATUSES[record.status] != words.RECLAIMED:
            return None
        return newest_tx(connection, contract.events.JobReclaimed(), record.openedBlock, {"jobId": job})

    with connection.use():
        return Sender(connection, account, replaces=False).send(contract.functions.reclaim(job), done)


def _permit(
    connection: Connection, account: LocalAccount, fee_wei: int, until: int
) -> tuple[int, bytes, bytes]:
    token = connection.contract("DMLToken")
    fields = [("owner", "address"), ("spender", "address"), ("value", "uint256"), ("nonce", "uint256")]
    document = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Permit": [{"name": name, "type": kind} for name, kind in [*fields, ("deadline", "uint256")]],
        },
        "primaryType": "Permit",
        "domain": {
            "name": token.functions.name().call(),
            "version": "1",
            "chainId": connection.network.chain_id,
            "verifyingContract": token.address,
        },
        "message": {
            "owner": account.address,
            "spender": connection.network["JobEscrow"].address,
            "value": fee_wei,
            "nonce": token.functions.nonces(account.address).call(),
            "deadline": until,
        },
    }
    signed = account.sign_message(encode_typed_data(full_message=document))
    return signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")


def _connect(rpc_url: str, chain_id: int, **addresses: str) -> Connection:
    abis = {"JobEscrow": ESCROW_ABI, "DMLToken": TOKEN_ABI}
    contracts = {
        name: Deployed(name, str(Web3.to_checksum_address(address)), 0, abis[name])
        for name, address in addresses.items()
    }
    return Connection(Network("market", int(chain_id), rpc_url, contracts), rpc_url)
