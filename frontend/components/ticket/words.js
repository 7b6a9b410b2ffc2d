import { coins } from "/static/units.js";

/** What each status means, what comes next in it, and how it looks. @type {Record<string, {label: string, said: string, look: string}>} */
export const STATUSES = {
  QUOTED: { label: "Quoted", said: "The price is set; nothing is paid yet.", look: "warn" },
  FUNDED: { label: "Paid", said: "The fee is in escrow.", look: "warn" },
  UPLOADED: { label: "Uploaded", said: "The dataset is in storage.", look: "" },
  QUEUED: { label: "Queued", said: "The dataset can be trained on.", look: "" },
  RUNNING: { label: "Training", said: "The nodes are training.", look: "" },
  VERIFYING: { label: "Verifying", said: "The model is trained; validators check the work.", look: "" },
  SETTLING: { label: "Settling", said: "A quorum of validators signed that the work is good.", look: "" },
  SETTLED: { label: "Settled", said: "Done: the model is ready and the nodes are paid.", look: "good" },
  INVALID: { label: "Refused", said: "It cannot be trained.", look: "bad" },
  FAILED: { label: "Failed", said: "The work did not pass verification.", look: "bad" },
  EXPIRED: { label: "Expired", said: "The deadline passed before the job was settled.", look: "bad" },
  REFUNDING: { label: "Refunding", said: "The whole fee is on its way back.", look: "warn" },
  REFUNDED: { label: "Refunded", said: "The whole fee is back in the customer's wallet.", look: "warn" },
  DISPUTED: {
    label: "Disputed",
    said: "An accused node contests the verdict. That does not touch the refund.",
    look: "warn",
  },
};

export const STRAIGHT = [
  "QUOTED",
  "FUNDED",
  "UPLOADED",
  "QUEUED",
  "RUNNING",
  "VERIFYING",
  "SETTLING",
  "SETTLED",
];
export const HOLDS_FEE = [
  "FUNDED",
  "UPLOADED",
  "QUEUED",
  "RUNNING",
  "VERIFYING",
  "SETTLING",
  "INVALID",
  "FAILED",
  "EXPIRED",
];
export const ENDED = ["SETTLED", "REFUNDED"];

/** Whether a ticket that was never paid is over. @param {object} ticket */
export const neverPaid = (ticket) => !ticket.timeline.some(({ status }) => status === "FUNDED");

/** What a ticket waits for now, in a sentence; null where nothing is to come. @param {object} ticket */
export function waitsFor(ticket) {
  const { status, rounds, spec, decision } = ticket;
  if (["INVALID", "EXPIRED"].includes(status) && neverPaid(ticket)) return null;
  const next = {
    QUOTED: `Waiting for ${coins(ticket.fee_wei)} in the escrow.`,
    FUNDED: "Waiting for the dataset: upload the file that was quoted.",
    UPLOADED: "The file is being read and checked against the quote.",
    QUEUED: decision?.waits
      ? `Waiting until ${new Date(decision.start_at * 1000).toLocaleString()} for cleaner electricity, as was asked.`
      : "Waiting for free nodes, and for the chain to draw the validators.",
    RUNNING:
      rounds.length < spec.rounds
        ? `Round ${rounds.length + 1} of ${spec.rounds} is being trained and checked.`
        : "The last round is closed; the model is being tested and exported.",
    VERIFYING: "Waiting for a quorum of the validators to sign the verdict.",
    SETTLING: "Waiting for the escrow's transaction that pays the nodes.",
    INVALID: "Waiting for the escrow to give the fee back.",
    FAILED: "Waiting for the escrow to give the fee back.",
    EXPIRED: "Waiting for the escrow to give the fee back.",
    REFUNDING: "The escrow has credited the fee; the transfer to the wallet is on its way.",
    DISPUTED: "Waiting for the arbiter's decision about the accused node.",
  };
  return next[status] ?? null;
}

/** A status as a badge's parts. @param {string} status */
export const statusOf = (status) => STATUSES[status] ?? { label: status, said: "", look: "" };
