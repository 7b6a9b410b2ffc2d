import { html, short, table, time } from "/static/html.js";
import { co2, coins, count, percent } from "/static/units.js";
import { band, facts, jobState, known } from "./words.js";

const list = (addresses, nodeOf) =>
  addresses.length
    ? html`<ul class="plain inline">
        ${addresses.map((of) => html`<li>${nodeOf(of)}</li>`)}
      </ul>`
    : "none yet";

/** What is known of a job. @param {object} job @param {(address: string) => any} nodeOf */
export function jobFacts(job, nodeOf) {
  const { epoch } = job;
  return facts([
    ["State", jobState(job)],
    ["Customer", short(job.customer)],
    ["Fee", coins(job.fee_wei)],
    ["Refunded", job.refund_wei ? coins(job.refund_wei) : null],
    ["Deadline", time(job.deadline)],
    ["Trainers", list(job.trainers, nodeOf)],
    ["Validators", list(job.validators, nodeOf)],
    ["Rounds closed", count(job.rounds.length)],
    ["Accuracy of its trainers", job.accuracy_ppm === null ? null : accuracy(job.accuracy_ppm)],
    ["Emitted", known(job.micrograms, (ug) => `${co2(ug)} ${band(job.band_ppm)}`)],
    [
      "Epoch of the ledger",
      epoch ? html`<a href="/ledger?epoch=${epoch.index}">${count(epoch.index)}</a>` : null,
    ],
    ["Dataset’s hash", short(job.dataset_hash)],
    ["Specification’s hash", short(job.spec_hash)],
    ["Reference", short(job.ref)],
    [
      "Transactions",
      html`<ul class="plain inline">
        ${job.transactions.map((tx) => html`<li>${short(tx)}</li>`)}
      </ul>`,
    ],
  ]);
}

const accuracy = (ppm) =>
  html`<span title="the mean of what validators signed of each trainer’s work, on the validation split"
    >${percent(ppm / 1e6, 1)}</span
  >`;

const STAGES = {
  FUNDED: "Paid: the fee is in the escrow",
  UPLOADED: "The dataset is in storage",
  QUEUED: "Waiting for nodes",
  RUNNING: "The nodes train",
  VERIFYING: "Validators check the work",
  SETTLING: "A quorum signed that the work is good",
  SETTLED: "The nodes are paid",
  INVALID: "It cannot be trained",
  FAILED: "The work did not pass verification",
  EXPIRED: "The deadline passed",
  REFUNDING: "The fee is on its way back",
  REFUNDED: "The fee is back",
  DISPUTED: "An accused node contests",
};

/** The stages that a job went through. @param {{timeline: {status: string, at: number}[]}} job */
export function jobStages({ timeline }) {
  return html`<ol class="moments">
    ${timeline.map(({ status, at }) => html`<li><strong>${STAGES[status] ?? status}</strong> ${time(at)}</li>`)}
  </ol>`;
}

/** Fingerprints of the closed rounds on chain. @param {{rounds: object[]}} job */
export function jobRounds({ rounds }) {
  if (rounds.length === 0) return null;
  return table({
    caption: "Rounds",
    head: [{ text: "Round", numeric: true }, { text: "Updates", numeric: true }, "Root on chain"],
    rows: rounds.map(({ number, updates, root }) => [count(number), count(updates), short(root)]),
  });
}
