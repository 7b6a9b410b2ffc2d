/** What a browser can check about a job by itself: every hash and sum of a ticket, held against what the chains say. Pure. */

import { specificationHash } from "../../purchase/canonical.js";

/**
 * @typedef {"ok"|"failed"|"unknown"} Outcome
 * @typedef {{name: string, outcome: Outcome, detail: string}} Check
 * @typedef {{sha256: (bytes: Uint8Array) => string, keccak256: (bytes: Uint8Array) => string}} Hashes hex without 0x
 */

const BASIS_POINTS = 10_000n;
const ENDS = {
  JobSettled: "settled",
  JobSettledByRoot: "settled",
  JobFailed: "failed",
  JobCancelled: "cancelled",
  JobReclaimed: "reclaimed",
};

/**
 * @param {object} ticket of GET /api/tickets/ID @param {object[]} events of GET /api/jobs/JOB/events @param {Hashes} hashes
 * @returns {Promise<Check[]>}
 */
export async function receiptChecks(ticket, events, hashes) {
  const own = events.filter(({ contract }) => contract === "JobEscrow");
  const one = (name) => own.find((event) => event.name === name)?.args ?? null;
  const opened = one("JobOpened");
  const found = [jobId(ticket, hashes)];
  if (!opened)
    return [
      ...found,
      unknown("Payment", "The chain has no payment of this job: there is nothing to hold against."),
    ];
  found.push(
    same(
      "Customer and reference",
      [ticket.customer, ticket.ref],
      [opened.customer, opened.ref],
      "As the chain says who paid.",
    ),
    await specification(ticket, opened, hashes),
    same("Dataset", [ticket.dataset.sha256], [opened.datasetHash], "The hash that was paid for."),
    fee(ticket, opened),
    ...roots(ticket, own),
  );
  const end = own.find(({ name }) => name in ENDS);
  if (!end) return [...found, unknown("End", "The job has not ended on chain yet.")];
  const said = end.args;
  if (ENDS[end.name] === "settled") found.push(...settled(ticket, opened, end));
  else found.push(...refunded(ticket, opened, end, events));
  if (said.evidenceHash && ticket.verdict)
    found.push(
      same(
        "Signed reports",
        [ticket.verdict.evidence_hash],
        [said.evidenceHash],
        "The verdict's evidence hash is the one on chain.",
      ),
    );
  const sealed = events.find(({ name }) => name === "JobSealed");
  if (sealed || ticket.epoch)
    found.push(
      same(
        "Energy ledger",
        [ticket.epoch?.index, ticket.epoch?.tx],
        [sealed?.args.index, sealed?.tx],
        "The epoch that holds its readings is the one on chain.",
      ),
    );
  return found;
}

/** The job's id from who paid and the reference: keccak256(abi.encode(customer, ref)). */
export function jobIdOf(customer, ref, keccak256) {
  const packed = bytes(bare(customer).padStart(64, "0") + bare(ref).padStart(64, "0"));
  return `0x${keccak256(packed)}`;
}

function jobId(ticket, { keccak256 }) {
  const due = jobIdOf(ticket.customer, ticket.ref, keccak256);
  return same("Job id", [ticket.job_id], [due], "Computed here: keccak256(abi.encode(customer, ref)).");
}

async function specification(ticket, opened, { sha256 }) {
  let due;
  try {
    due = await specificationHash(ticket.spec, sha256);
  } catch (error) {
    return failed("Specification", `It cannot be hashed: ${error.message}`);
  }
  return same(
    "Specification",
    [due],
    [opened.specHash],
    "Computed here: SHA-256 of its canonical JSON is what was paid for.",
  );
}

function fee(ticket, opened) {
  const [quoted, paid] = [BigInt(ticket.fee_wei), BigInt(opened.fee)];
  if (paid < quoted)
    return failed("Fee", `${paid} wei were paid, less than the ${quoted} wei of the ticket.`);
  const kept = ticket.verdict?.fee_wei;
  if (kept && BigInt(kept) !== paid)
    return failed("Fee", `The verdict speaks of ${kept} wei, the escrow was paid ${paid} wei.`);
  return ok("Fee", `${paid} wei in escrow, as quoted.`);
}

function roots(ticket, own) {
  const recorded = new Map(
    own.filter(({ name }) => name === "RoundRecorded").map(({ args }) => [args.round, args.root]),
  );
  const wrong = ticket.rounds.filter(({ number, root }) => {
    const there = recorded.get(String(number));
    return there !== undefined && bare(there) !== bare(root);
  });
  const missing = ticket.rounds.filter(({ number }) => !recorded.has(String(number)));
  if (wrong.length)
    return [
      failed(
        "Round roots",
        `Not as published on chain: round ${wrong.map(({ number }) => number).join(", ")}.`,
      ),
    ];
  if (recorded.size > ticket.rounds.length)
    return [
      failed("Round roots", `The chain has ${recorded.size} rounds, the ticket ${ticket.rounds.length}.`),
    ];
  if (missing.length)
    return [
      unknown("Round roots", `Not on chain yet: round ${missing.map(({ number }) => number).join(", ")}.`),
    ];
  return ticket.rounds.length
    ? [ok("Round roots", `All ${ticket.rounds.length} as published on chain.`)]
    : [];
}

function settled(ticket, opened, { name, args }) {
  const { verdict } = ticket;
  if (!verdict) return [failed("Verdict", "The chain has a verdict that the ticket does not show.")];
  const found = [
    same(
      "Model",
      [verdict.result_sha256],
      [args.resultHash],
      "The hash that the validators signed is the one on chain.",
    ),
    ticket.files["model.safetensors"]
      ? same(
          "Model's file",
          [ticket.files["model.safetensors"].sha256],
          [args.resultHash],
          "The file model.safetensors has the hash on chain.",
        )
      : unknown("Model's file", "The ticket has no model.safetensors."),
  ];
  const [whole, commission] = [BigInt(opened.fee), BigInt(args.commission)];
  if (name === "JobSettledByRoot")
    return [...found, unknown("Pay", "The chain holds a root of the payments; `ecodml audit` checks it.")];
  const amounts = args.amounts.map(BigInt);
  const paid = amounts.reduce((sum, wei) => sum + wei, 0n);
  const due = (whole * BigInt(opened.commissionBps)) / BASIS_POINTS;
  found.push(
    same(
      "Payees and pay",
      [...verdict.payees, ...verdict.amounts_wei],
      [...args.payees, ...args.amounts],
      "As the escrow paid.",
    ),
    same("Scores", verdict.scores, args.scores, "The words that pay follows from are those on chain."),
    paid + commission === whole
      ? ok("Sum of pay", `${paid} wei to nodes + ${commission} wei of commission = the fee, to the wei.`)
      : failed("Sum of pay", `${paid} + ${commission} wei is not the fee of ${whole} wei.`),
    commission === due
      ? ok("Commission", `${opened.commissionBps} basis points of the fee, rounded down.`)
      : failed("Commission", `${commission} wei, not ${due} wei.`),
  );
  if (ticket.pay) found.push(parts(ticket.pay));
  return found;
}

function parts(pay) {
  for (const { payee, amount_wei: amount, parts: of } of pay.lines) {
    const sum = of.reduce((total, { wei }) => total + BigInt(wei), 0n);
    if (sum !== BigInt(amount))
      return failed("Parts of pay", `Those of ${payee} come to ${sum} wei, not ${amount} wei.`);
  }
  return ok("Parts of pay", "The parts of every payee come to its pay, to the wei.");
}

function refunded(ticket, opened, { name, args }, events) {
  const found = [
    same("Refund", [ticket.refund_wei], [args.refund], `As on chain; the job was ${ENDS[name]}.`),
    BigInt(args.refund) === BigInt(opened.fee)
      ? ok("Full refund", "The whole fee, to the wei.")
      : failed("Full refund", `${args.refund} of ${opened.fee} wei.`),
  ];
  if (name === "JobFailed")
    found.push(
      same("Culprits", ticket.verdict?.culprits ?? [], args.culprits, "As the verdict on chain names them."),
    );
  const transfer = events.find(
    (event) => event.name === "Transfer" && bare(event.args.to) === bare(ticket.customer),
  );
  if (transfer && BigInt(transfer.args.value) >= BigInt(args.refund))
    found.push(ok("Refund paid out", `Transaction ${transfer.tx}.`));
  else if (ticket.status === "REFUNDED")
    found.push(failed("Refund paid out", "The chain shows no transfer to the customer."));
  else found.push(unknown("Refund paid out", "Not yet."));
  return found;
}

/** Whether two lists say the same, letter case and 0x aside. @returns {Check} */
function same(name, said, due, about) {
  const [one, other] = [said, due].map((list) => list.map((value) => bare(String(value ?? "nothing"))));
  const differs = one.length !== other.length || one.some((value, index) => value !== other[index]);
  if (!differs) return ok(name, about);
  return failed(name, `The ticket says ${said.join(", ")}; it should be ${due.join(", ")}.`);
}

const bare = (hex) => hex.toLowerCase().replace(/^0x/, "");
const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const ok = (name, detail) => ({ name, outcome: "ok", detail });
const failed = (name, detail) => ({ name, outcome: "failed", detail });
const unknown = (name, detail) => ({ name, outcome: "unknown", detail });
