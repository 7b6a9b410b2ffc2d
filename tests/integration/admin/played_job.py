"""A market played by web3 alone: nodes, paid jobs, signed verdicts. Works on any chain that mines on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from web3 import Web3

from backend.adapters.chain.customer import pay
from fl_nodes.protocol.signing import fail_typed_data, settle_typed_data
from tests.integration.admin.brownie_scripts import Office
from tests.support.chains import DML, TRAINER, VALIDATOR, Provider, account

DEPOSIT_WEI = 10**17
FEE_WEI = 13 * 10**16 + 7
COMMISSION_WEI = FEE_WEI * 200 // 10_000
EVIDENCE = keccak(text="evidence")
PROVIDERS = {
    role: sorted(
        (
            Provider(f"{name}-{n}", account(f"{name} {n}"), account(f"{name} {n} key"))
            for n in range(1, count + 1)
        ),
        key=lambda provider: int(provider.address, 16),
    )
    for role, name, count in ((TRAINER, "trainer", 2), (VALIDATOR, "validator", 3))
}
PEOPLE = tuple(account(name) for name in ("deployer", "operator", "arbiter", "customer", "minter"))
EVERYBODY = (*PEOPLE, *(provider.wallet for providers in PROVIDERS.values() for provider in providers))


@dataclass(frozen=True)
class PlayedMarket:
    """A deployed market with registered nodes and a customer."""

    office: Office
    mine: Callable[[], None]

    @property
    def trainers(self) -> list[str]:
        """Wallets, ascending."""
        return [provider.address for provider in PROVIDERS[TRAINER]]

    def contract(self, name: str) -> Any:
        """A deployed contract."""
        return self.office.contract(name)

    def furnish(self) -> None:
        """Registers the nodes and gives the customer DML."""
        for role, providers in PROVIDERS.items():
            for p in providers:
                call = self.contract("NodeStaking").functions.register(p.name, p.key.address, role)
                self.act(p.wallet, call, DEPOSIT_WEI)
        drip = self.contract("LocalFaucet").functions.drip(account("customer").address, DML)
        self.act(account("customer"), drip)

    def act(self, who: LocalAccount, call: Any, value: int = 0) -> Any:
        """Sends a transaction; its receipt. Fails when it does."""
        eth = self.office.web3.eth
        nonce = eth.get_transaction_count(who.address)
        transaction = call.build_transaction({"from": who.address, "nonce": nonce, "value": value})
        sent = eth.send_raw_transaction(who.sign_transaction(transaction).raw_transaction)
        receipt = eth.wait_for_transaction_receipt(sent, timeout=30, poll_latency=0.01)
        assert receipt["status"] == 1
        return receipt

    def open_job(self, name: str) -> bytes:
        """Paid as customers pay, with a permit in one transaction; the job's id."""
        customer, contracts = account("customer"), self.office.record["market"]["contracts"]
        ref, spec, dataset = (keccak(text=f"{what} {name}") for what in ("ref", "spec", "dataset"))
        job_id = bytes(self.contract("JobEscrow").functions.jobIdOf(customer.address, ref).call())
        payment = {
            "job_id": Web3.to_hex(job_id),
            "ref": Web3.to_hex(ref),
            "spec_hash": Web3.to_hex(spec),
            "dataset_hash": Web3.to_hex(dataset),
            "fee_wei": str(FEE_WEI),
            "deadline": self.office.web3.eth.get_block("latest")["timestamp"] + 3_600,
            "escrow": contracts["JobEscrow"]["address"],
            "token": contracts["DMLToken"]["address"],
            "chain_id": self._chain_id,
        }
        pay(self.office.rpc_url, contracts, customer, payment)
        return job_id

    def assign(self, job_id: bytes) -> tuple[list[str], list[str]]:
        """Trainers chosen, validators drawn; the crew as the escrow wants to hear it."""
        escrow = self.contract("JobEscrow")
        self.act(account("operator"), escrow.functions.assign(job_id, self.trainers))
        for _ in range(3):
            self.mine()
        receipt = self.act(account("customer"), escrow.functions.draw(job_id, self.trainers))
        (drawn,) = escrow.events.JobAssigned().process_receipt(receipt)
        return (list(drawn["args"]["validators"]), list(drawn["args"]["validatorKeys"]))

    def settle(self, job_id: bytes, crew: tuple[list[str], list[str]]) -> Any:
        """Every trainer paid, the second more than the first, by two of the three validators."""
        escrow, pool = self.contract("JobEscrow"), FEE_WEI - COMMISSION_WEI
        verdict = {
            "jobId": job_id,
            "resultHash": keccak(text="result"),
            "evidenceHash": EVIDENCE,
            "payees": self.trainers,
            "amounts": [pool // 3, pool - pool // 3],
            "scores": [(score << 224).to_bytes(32, "big") for score in (900_000, 950_000)],
        }
        signatures = self._signed(settle_typed_data(self._chain_id, escrow.address, verdict), crew)
        return self.act(
            account("customer"), escrow.functions.settle(tuple(verdict.values()), crew, signatures)
        )

    def fail(self, job_id: bytes, crew: tuple[list[str], list[str]], culprits: list[str]) -> None:
        """The customer refunded, some trainers named."""
        escrow = self.contract("JobEscrow")
        verdict = {"jobId": job_id, "evidenceHash": EVIDENCE, "culprits": culprits}
        signatures = self._signed(fail_typed_data(self._chain_id, escrow.address, verdict), crew)
        failing = escrow.functions.fail(tuple(verdict.values()), self.trainers, crew, signatures)
        self.act(account("customer"), failing)

    def contested(self, name: str, culprits: list[str]) -> str:
        """A failed job whose first culprit contests; the job's id, 0x hex."""
        job_id = self.open_job(name)
        self.fail(job_id, self.assign(job_id), culprits)
        accused = next(p.wallet for p in PROVIDERS[TRAINER] if p.address == culprits[0])
        self.act(accused, self.contract("JobEscrow").functions.contest(job_id, EVIDENCE))
        return Web3.to_hex(job_id)

    @property
    def _chain_id(self) -> int:
        return self.office.web3.eth.chain_id

    def _signed(self, document: dict[str, Any], crew: tuple[list[str], list[str]]) -> list[bytes]:
        message = encode_typed_data(full_message=document)
        keys = {p.key.address: p.key for p in PROVIDERS[VALIDATOR]}
        return [bytes(keys[key].sign_message(message).signature) for key in crew[1][:2]]
