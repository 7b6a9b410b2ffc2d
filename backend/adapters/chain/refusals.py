"""What a contract says when it refuses: custom errors decoded from revert data, each as one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from backend.domain.job import STATUSES
from backend.errors import Conflict, NotYet, Recoverable

ERROR_STRING = "0x08c379a0"
PANIC = "0x4e487b71"
ACCUSATIONS = ("not accused", "named", "contested", "acquitted", "slashed")

SENTENCES: Mapping[str, str] = {
    "JobEscrow_ZeroFee": "A job needs a fee above zero.",
    "JobEscrow_ZeroAddress": "The zero address cannot stand here.",
    "JobEscrow_CommissionTooHigh": "A commission of {bps} basis points is above the {maxBps} that the escrow allows.",
    "JobEscrow_AlreadyOpened": "Job {jobId} is paid already.",
    "JobEscrow_BadDeadline": "The deadline {deadline} is outside what the escrow takes now, {earliest} to {latest}.",
    "JobEscrow_WrongStatus": "Job {jobId} is {status} on chain, which does not allow this.",
    "JobEscrow_DeadlinePassed": "The deadline of job {jobId} has passed.",
    "JobEscrow_DeadlineNotReached": "The deadline of job {jobId} has not been reached.",
    "JobEscrow_SeedNotReady": "The validators of job {jobId} can be drawn only after block {seedBlock}.",
    "JobEscrow_SeedExpired": "Block {seedBlock} is too old to seed the draw for job {jobId}; another is taken.",
    "JobEscrow_SeedStillGood": "Block {seedBlock} still seeds the draw for job {jobId}.",
    "JobEscrow_NotCustomerOrOperator": "Only its customer or the operator may cancel a job, not {account}.",
    "JobEscrow_BadTrainerCount": "A job takes 1 to {max} trainers, not {count}.",
    "JobEscrow_WrongCrew": "These are not the nodes that work on job {jobId}.",
    "JobEscrow_NotEnoughValidators": "Only {available} of the {needed} validators that a job needs can be drawn.",
    "JobEscrow_QuorumNotReached": "The verdict has {signers} of the {needed} validators' signatures it needs.",
    "JobEscrow_RoundOutOfOrder": "Round {round} of job {jobId} is on chain already or was passed over.",
    "JobEscrow_WrongSum": "The verdict pays {sum} wei, but the job's nodes are due {expected} wei.",
    "JobEscrow_LengthMismatch": "The verdict has {payees} payees, {amounts} amounts and {scores} scores.",
    "JobEscrow_TooManyPayees": "The verdict pays {payees} nodes, but at most {max} can be paid by name.",
    "JobEscrow_AlreadyClaimed": "Payout {index} of job {jobId} is claimed already.",
    "JobEscrow_WrongProof": "The proof of payout {index} of job {jobId} does not lead to what was signed.",
    "JobEscrow_DrawPending": "Block {seedBlock} seeds the draw of job {jobId}: it can be cancelled again if nobody draws.",
    "JobEscrow_ClaimsOpen": "What is left of job {jobId} can be claimed until {claimableUntil}.",
    "JobEscrow_NothingUnclaimed": "Nothing of job {jobId} is left to claim.",
    "JobEscrow_AlreadyReleased": "The nodes of job {jobId} are free of it already.",
    "JobEscrow_NotAccused": "{account} is {accusation} in job {jobId}, which does not allow this.",
    "JobEscrow_WindowClosed": "The accused of job {jobId} can no longer contest.",
    "JobEscrow_WindowOpen": "The accused of job {jobId} may still contest.",
    "JobEscrow_NothingToFinalize": "No accusation of job {jobId} is left to carry out.",
    "JobEscrow_NothingToWithdraw": "{account} has no credit in the escrow.",
    "NodeStaking_Unavailable": "Node {provider} cannot be given a job now.",
    "NodeStaking_BadBaseline": "A baseline lies between 0 and 10000 basis points, not at {baseline}.",
    "NodeStaking_NotTheEscrow": "Only the job escrow may do this to a deposit, not {account}.",
    "NodeStaking_EscrowAlreadySet": "The staking contract belongs to the escrow {escrow} for ever.",
    "NodeStaking_NothingToWithdraw": "{account} has no credit in the staking contract.",
    "NodeStaking_TransferFailed": "{account} does not accept native coin.",
    "Verdicts_UnknownSigner": "A signature of the verdict is by {signer}, who is no validator of the job.",
    "EnergyLedger_QuorumNotReached": "The ledger's epoch has {weight} of the {totalWeight} of stake, less than two thirds.",
    "EnergyLedger_ProposerSilent": "The drawn proposer {proposer} has not signed, and it is nobody else's turn yet.",
    "EnergyLedger_AlreadySealed": "Job {job} stands in epoch {index} of the energy ledger already.",
    "EnergyLedger_WrongIndex": "The energy ledger's next epoch is {next}, not {given}.",
    "EnergyLedger_WrongCheckpoint": "The energy ledger's newest checkpoint is {current}, not {given}.",
    "EnergyLedger_WrongMembers": "These are not the members of the energy ledger's checkpoint {checkpoint}.",
    "EnergyLedger_UnknownSigner": "A signature on the ledger's epoch is by {signer}, who is no member, or out of order.",
    "EnergyLedger_WindowClosed": "Epoch {index} of the energy ledger can no longer be challenged.",
    "CarbonCredit_JobSealed": "Job {job} is in the energy ledger already: nothing can be fixed for it any more.",
    "CarbonCredit_AlreadyFixed": "Job {job} has a baseline already.",
    "CarbonCredit_NoBaseline": "Job {job} has no baseline.",
    "CarbonCredit_FixedTooLate": "The baseline of job {job} was not fixed before its work began.",
    "CarbonCredit_NotFinal": "Epoch {epoch} of the energy ledger is not final.",
    "CarbonCredit_AlreadyIssued": "The credit {serial} was issued before.",
    "CarbonCredit_HourExhausted": "Hour {hour} of node {node} is credited for a whole hour of work already.",
    "CarbonCredit_BeyondTheJob": "Job {job} avoided {avoidedUg} µgCO2e, not {issuedUg}.",
    "CarbonCredit_NothingToRetire": "Nothing can be used up.",
    "CarbonCredit_TextTooLong": "A text of {length} bytes is longer than {max}.",
    "ERC1155InsufficientBalance": "{sender} holds {balance} µgCO2e of these credits, not {needed}.",
    "Ascending_NotAscending": "The addresses are not in ascending order: {account} stands after {before}.",
    "Ascending_Unknown": "The verdict names {account}, who is no trainer of the job.",
    "AccessControlUnauthorizedAccount": "The account {account} may not do this.",
    "EnforcedPause": "The contract takes nothing new at present.",
    "ERC20InsufficientAllowance": "The permit does not cover the fee: {allowance} of {needed} wei.",
    "ERC20InsufficientBalance": "{sender} holds {balance} of the {needed} wei of DML needed.",
    "LocalFaucet_NotALocalChain": "The faucet works on local chains only.",
}
PASSING = frozenset(
    {
        "JobEscrow_SeedNotReady",
        "JobEscrow_SeedExpired",
        "JobEscrow_SeedStillGood",
        "JobEscrow_NotEnoughValidators",
        "JobEscrow_DrawPending",
        "JobEscrow_ClaimsOpen",
        "JobEscrow_DeadlineNotReached",
        "JobEscrow_WindowOpen",
        "EnergyLedger_ProposerSilent",
        "CarbonCredit_NotFinal",
    }
)
"""Refusals that time mends."""


@dataclass(frozen=True)
class Refusal:
    """A decoded revert: the error's name, its arguments, one sentence."""

    name: str
    values: Mapping[str, Any]
    sentence: str

    def error(self, wait_s: float = 1.0) -> Recoverable | Conflict:
        """NotYet `chain.not_yet` for what time mends, else Conflict `chain.rejected`."""
        if self.name in PASSING:
            return NotYet("chain.not_yet", self.sentence, wait_s)
        return Conflict("chain.rejected", self.sentence)


class Refusals:
    """The custom errors of a set of ABIs: a call can revert with an error of a contract further down."""

    def __init__(self, abis: Iterable[list[dict[str, Any]]]) -> None:
        self._errors: dict[str, tuple[str, list[tuple[str, str]]]] = {}
        for abi in abis:
            for entry in abi:
                if entry["type"] == "error":
                    inputs = [(i["name"], i["type"]) for i in entry["inputs"]]
                    signature = f"{entry['name']}({','.join(kind for _, kind in inputs)})"
                    self._errors["0x" + keccak(text=signature)[:4].hex()] = (entry["name"], inputs)

    def decode(self, data: str | None) -> Refusal:
        """What revert data (0x hex) says; never fails, whatever it holds."""
        if not data or len(data) < 10:
            return Refusal("", {}, "The contract refused without a reason.")
        selector, body = data[:10].lower(), bytes.fromhex(data[10:])
        name, inputs = {
            ERROR_STRING: ("Error", [("reason", "string")]),
            PANIC: ("Panic", [("code", "uint256")]),
        }.get(selector) or self._errors.get(selector, ("", []))
        if not name:
            return Refusal("", {}, f"The contract refused with the unknown error {selector}.")
        try:
            values = dict(zip((n for n, _ in inputs), decode([t for _, t in inputs], body), strict=True))
            values |= {n: to_checksum_address(values[n]) for n, kind in inputs if kind == "address"}
        except DecodingError:
            return Refusal(name, {}, f"The contract refused: {name}.")
        return Refusal(name, values, _sentence(name, {n: _shown(name, n, v) for n, v in values.items()}))


def _sentence(name: str, shown: Mapping[str, str]) -> str:
    if name in SENTENCES:
        return SENTENCES[name].format(**shown)
    said = ", ".join(f"{key} {value}" for key, value in shown.items())
    return f"The contract refused: {name}{f' ({said})' if said else ''}."


def _shown(error: str, name: str, value: Any) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if error == "JobEscrow_WrongStatus" and name == "status":
        return STATUSES[value]
    if name == "accusation":
        return ACCUSATIONS[value]
    return str(value)
