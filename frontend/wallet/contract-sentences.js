/**
 * The contracts' custom errors, each as one sentence to the person who met it. `{name}` is an argument of the error,
 * `{name:dml}` and `{name:coin}` an amount in wei, `{name:time}` Unix seconds, `{name:short}` a hash or address.
 */

import { coins, co2, moment } from "../units.js";

/** @type {Readonly<Record<string, string>>} */
export const CONTRACT_SENTENCES = Object.freeze({
  JobEscrow_ZeroFee: "A job needs a fee above zero.",
  JobEscrow_AlreadyOpened: "This job is paid already; nothing was paid twice.",
  JobEscrow_BadDeadline:
    "The deadline {deadline:time} is outside what the escrow takes now, {earliest:time} to {latest:time}: ask for a new quote.",
  JobEscrow_WrongStatus: "The job has gone on in the meantime and does not allow this any more.",
  JobEscrow_NotCustomerOrOperator:
    "Only the job's customer may cancel it: switch to that account in your wallet.",
  JobEscrow_DrawPending:
    "The job's validators are being drawn in this minute: it can be cancelled again if the draw fails.",
  JobEscrow_DeadlinePassed: "The job's deadline passed on {deadline:time}.",
  JobEscrow_DeadlineNotReached: "The fee can be taken back after the deadline, {deadline:time}.",
  JobEscrow_SeedNotReady: "The job's validators can be drawn in a few blocks.",
  JobEscrow_AlreadyClaimed: "This pay is claimed already.",
  JobEscrow_WrongProof: "The proof of this pay does not lead to what was signed.",
  JobEscrow_ClaimsOpen: "What is left of the job can be claimed until {claimableUntil:time}.",
  JobEscrow_NothingUnclaimed: "Nothing of the job is left to claim.",
  JobEscrow_AlreadyReleased: "The job's nodes are free of it already.",
  JobEscrow_NotAccused: "This account is not accused in the job, or its accusation is decided already.",
  JobEscrow_WindowClosed: "The time to contest ended on {slashReadyAt:time}.",
  JobEscrow_WindowOpen: "The accused may contest until {slashReadyAt:time}.",
  JobEscrow_NothingToFinalize: "No accusation of this job is left to carry out.",
  JobEscrow_NothingToWithdraw: "There is nothing to withdraw for this account.",
  NodeStaking_BadName:
    "“{name}” cannot be a node's name: it takes 1 to 40 letters, digits, dots, dashes and underscores.",
  NodeStaking_NameTaken: "The name “{name}” is taken; choose another.",
  NodeStaking_BadNodeKey: "The node's key must be an address of its own, other than your wallet's.",
  NodeStaking_NodeKeyTaken: "The node key {nodeKey:short} belongs to another node already.",
  NodeStaking_BadRoles: "A node trains, validates or does both; choose at least one.",
  NodeStaking_DepositTooSmall: "The deposit of {deposit:coin} is below the least, {minDeposit:coin}.",
  NodeStaking_AlreadyRegistered: "This wallet has a node already; a wallet has one.",
  NodeStaking_Banned: "{account:short} is banned for life, because one of its jobs was proven false.",
  NodeStaking_NotActive: "This wallet has no active node.",
  NodeStaking_NotExiting:
    "The node has not asked to leave yet: do that first, then wait for the unbonding time.",
  NodeStaking_StillUnbonding: "The deposit is unbonding and can be withdrawn from {exitAt:time} on.",
  NodeStaking_StillAssigned:
    "The node still works for {assignedJobs} open job(s); the deposit is free once they have ended.",
  NodeStaking_Frozen: "The deposit is frozen while an accusation against the node is open.",
  NodeStaking_NothingToWithdraw: "There is no credit from deposits to withdraw for this account.",
  NodeStaking_TransferFailed: "{account:short} does not accept the chain's coin.",
  NodeStaking_Unavailable: "The node {provider:short} cannot be given a job now.",
  CarbonCredit_NothingToRetire: "Choose an amount above zero to retire.",
  CarbonCredit_TextTooLong: "The text has {length} bytes; the contract takes at most {max}.",
  CarbonCredit_NoCertificate: "There is no certificate {certificate}.",
  CarbonCredit_NotFinal:
    "Epoch {epoch} of the energy ledger can still be challenged; credits come after that.",
  CarbonCredit_AlreadyIssued: "This credit was issued before; it exists once.",
  CarbonCredit_NothingAvoided: "Nothing was avoided here, so there is no credit.",
  CarbonCredit_ZeroAddress: "The zero address cannot hold credits.",
  ERC1155InsufficientBalance: "Your account holds {balance:co2} of these credits, not {needed:co2}.",
  ERC1155MissingApprovalForAll: "{operator:short} may not move these credits.",
  ERC1155InvalidReceiver: "{receiver:short} cannot receive credits.",
  ERC20InsufficientBalance: "Your account holds {balance:dml}; {needed:dml} are needed.",
  ERC20InsufficientAllowance: "The escrow is allowed to take {allowance:dml}; {needed:dml} are needed.",
  ERC2612ExpiredSignature: "The signed permission has run out; sign it again.",
  ERC2612InvalidSigner: "The permission was signed by another account than the one that pays; sign it again.",
  EnforcedPause: "The contract takes nothing new at present; what runs already goes on.",
  AccessControlUnauthorizedAccount: "{account:short} does not have the role that this needs.",
  LocalFaucet_NotALocalChain: "The faucet works on local chains only.",
  LocalFaucet_AboveCap: "The faucet gives at most {cap:dml} at once.",
});

const FORMS = {
  dml: (value) => coins(value, "DML"),
  coin: (value) => coins(value, "coins"),
  time: (value) => moment(Number(value)),
  co2: (value) => co2(Number(value)),
  short: (value) => `${String(value).slice(0, 6)}…${String(value).slice(-4)}`,
  text: String,
};

/** @param {string} sentence of CONTRACT_SENTENCES @param {Record<string, any>} values the error's arguments by name */
export function fillIn(sentence, values) {
  return sentence.replace(/\{(\w+)(?::(\w+))?\}/g, (_, name, form = "text") => FORMS[form](values[name]));
}
