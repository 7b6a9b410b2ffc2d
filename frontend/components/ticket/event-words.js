import { co2, coins, count, duration, joules, moment, percent } from "/static/units.js";

/** What each event of the contracts says happened, in a sentence. @type {Record<string, string>} */
export const HAPPENED = {
  Approval: "The customer's signature let the escrow take the fee",
  Transfer: "DML moved",
  JobOpened: "The customer paid the fee into escrow",
  TrainersChosen: "The operator gave the job its trainers",
  JobReseeded: "A later block was taken as the seed of the draw",
  JobAssigned: "The chain drew the validators",
  RoundRecorded: "A closed round's root was published",
  JobSettled: "The escrow paid the nodes on a verdict signed by a quorum",
  JobSettledByRoot: "The escrow holds the pay for whoever proves a claim",
  PayoutClaimed: "A node claimed its pay",
  UnclaimedReturned: "Unclaimed pay went back to the customer",
  JobFailed: "A quorum's verdict refunded the fee and named culprits",
  JobCancelled: "The job was cancelled before it started; the fee was credited to the customer",
  JobReclaimed: "The fee went back to the customer after the deadline",
  JobReleased: "The job's nodes are free again",
  SlashContested: "An accused node contested",
  SlashArbitrated: "The arbiter decided",
  SlashLapsed: "The arbiter stayed silent, so the accused goes free",
  SlashFinalized: "A culprit's deposit was divided among the honest nodes",
  Withdrawn: "The escrow paid out what it owed the account",
  NodeFrozen: "An accused node's deposit was frozen",
  NodeUnfrozen: "A node's deposit was freed",
  NodeSlashed: "A culprit lost its deposit",
  NodeBanned: "A culprit was banned for life",
  BaselineFixed: "What the job's credits are held against was fixed",
  CreditIssued: "A node was issued an Eco Credit",
  JobSealed: "The job's readings were sealed in the energy ledger",
  Certified: "A green certificate was proven and kept",
  Published: "The training was listed for reuse",
};

const FIELDS = [
  ["accuracy", 32, (n) => percent(n / 1e6)],
  ["macro-F1", 20, (n) => (n / 1e6).toFixed(4)],
  ["contribution", 20, (n) => percent(n / 1e6)],
  ["GPU use", 24, (n) => percent(n / 1e6, 0)],
  ["examples", 48, (n) => count(n)],
  ["time", 48, (n) => duration(n / 1000)],
  ["energy", 64, (n) => joules(n)],
];

/** A score word of the chain in plain fields, as `[name, text]`. @param {string} word 32 bytes, 0x hex */
function scoreOf(word) {
  let rest = BigInt(word);
  const told = [];
  for (const [name, bits, say] of [...FIELDS].reverse()) {
    told.unshift([name, say(Number(rest & ((1n << BigInt(bits)) - 1n)))]);
    rest >>= BigInt(bits);
  }
  return told;
}

const DML = new Set(["fee", "refund", "commission", "value"]);
const TIMES = new Set(["deadline", "fixedAt"]);

/**
 * An argument with its unit: an amount in its coin, a time as a time, a score in plain fields; else itself.
 * @param {string} event the event's name @param {string} name @param {any} value
 * @returns {string|string[]|null} null for what is best shown as it is
 */
export function argument(event, name, value) {
  if (DML.has(name)) return coins(value);
  if (name === "amounts") return value.map((wei) => coins(wei));
  if (name === "amount") return amount(event, value);
  if (name === "shares") return value.map((wei) => coins(wei, "native coin"));
  if (name === "feeWei") return coins(value);
  if (TIMES.has(name)) return moment(Number(value));
  if (name === "commissionBps") return percent(Number(value) / 10_000);
  if (name === "scores")
    return value.map((word) =>
      scoreOf(word)
        .map((pair) => pair.join(" "))
        .join(", "),
    );
  if (name === "micrograms" || name === "bound") return co2(Number(value));
  if (/millijoules/i.test(name)) return joules(Number(value));
  return null;
}

function amount(event, value) {
  if (event === "CreditIssued") return co2(Number(value));
  const native = ["SlashFinalized", "NodeSlashed"].includes(event);
  return coins(value, native ? "native coin" : "DML");
}
