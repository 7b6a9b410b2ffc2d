/** The same job as the reader's own wallet sees it: the escrow's record and events, asked of the wallet's node and not of us. */

import { ethers, reader } from "/static/wallet/contracts.js";
import { wallet } from "/static/wallet/wallet.js";

const STATUSES = ["None", "Open", "Drawing", "Assigned", "Settled", "Failed", "Cancelled", "Reclaimed"];
const AGREES = {
  QUOTED: ["None"],
  FUNDED: ["Open"],
  UPLOADED: ["Open"],
  QUEUED: ["Open", "Drawing"],
  RUNNING: ["Assigned"],
  VERIFYING: ["Assigned"],
  SETTLING: ["Assigned", "Settled"],
  SETTLED: ["Settled"],
  REFUNDING: ["Failed", "Cancelled", "Reclaimed"],
  REFUNDED: ["Failed", "Cancelled", "Reclaimed"],
  DISPUTED: ["Failed"],
};

/**
 * @param {object} ticket @param {object[]} events as the server told them
 * @returns {Promise<import("./receipt-check.js").Check[]>} throws what the wallet says
 */
export async function chainChecks(ticket, events) {
  const escrow = await reader("JobEscrow");
  const record = await escrow.job(ticket.job_id);
  const status = STATUSES[Number(record.status)];
  const agreeing = AGREES[ticket.status];
  const found = [
    check(
      "Escrow's record",
      !agreeing || agreeing.includes(status),
      `The escrow says ${status}, ${record.fee} wei, deadline ${record.deadline}; the ticket is ${ticket.status}.`,
    ),
  ];
  if (status === "None") return found;
  found.push(
    check(
      "Customer in escrow",
      record.customer.toLowerCase() === ticket.customer.toLowerCase(),
      `The escrow says ${record.customer}.`,
    ),
    await told(escrow, ticket.job_id, record.openedBlock, events),
  );
  return found;
}

async function told(escrow, job, from, events) {
  const { toQuantity } = await ethers();
  const filter = {
    address: await escrow.getAddress(),
    fromBlock: toQuantity(from),
    toBlock: "latest",
    topics: [null, job],
  };
  const logs = await wallet.request("eth_getLogs", [filter]);
  const there = logs.map((log) => key(escrow.interface.parseLog(log), log));
  const here = events
    .filter(({ contract }) => contract === "JobEscrow")
    .filter(({ args }) => args.jobId?.toLowerCase() === job.toLowerCase())
    .map(({ name, args, tx }) => JSON.stringify([name, tx.toLowerCase(), plain(Object.values(args))]));
  const missing = here.filter((event) => !there.includes(event)).length;
  const unsaid = there.filter((event) => !here.includes(event)).length;
  return check(
    "Escrow's events",
    missing === 0 && unsaid === 0,
    missing || unsaid
      ? `${missing} of the events above are not on your wallet's chain, and ${unsaid} there are not above.`
      : `All ${here.length} of the escrow's events above are on your wallet's chain, argument by argument.`,
  );
}

const key = (parsed, log) =>
  JSON.stringify([parsed.name, log.transactionHash.toLowerCase(), plain([...parsed.args])]);

function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) return plain([...value]);
  return String(value).toLowerCase();
}

const check = (name, holds, detail) => ({ name, outcome: holds ? "ok" : "failed", detail });
