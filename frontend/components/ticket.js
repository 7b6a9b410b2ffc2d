import { coins, moment, percent } from "/static/units.js";
import { element, short, table } from "/static/dom.js";

const EXPLAINED = {
  QUOTED: "Waiting for the payment.",
  FUNDED: "The fee is in escrow; waiting for the dataset.",
  UPLOADED: "The dataset is being read.",
  QUEUED: "Waiting for nodes.",
  RUNNING: "The nodes are training.",
  VERIFYING: "Validators are signing the verdict.",
  SETTLING: "The escrow is paying the nodes.",
  SETTLED: "Done: the model is ready and the nodes are paid.",
  INVALID: "It cannot be trained; the fee goes back.",
  FAILED: "Verification failed; the fee goes back.",
  EXPIRED: "The deadline passed; the fee goes back.",
  REFUNDING: "The fee is on its way back.",
  REFUNDED: "The fee is back in the customer's wallet.",
  DISPUTED: "An accused node contests; the refund is not affected.",
};

/** @param {HTMLElement} place @param {object|null} ticket @param {string|null} link @param {string|null} problem */
export function showTicket(place, ticket, link, problem) {
  place.hidden = ticket === null && problem === null;
  const title = element("h2", { id: "ticket-title" }, ticket ? `Ticket ${ticket.id}` : "Ticket");
  const parts = [title];
  if (problem) parts.push(element("p", { class: "problem", role: "alert" }, problem));
  if (ticket) parts.push(...partsOf(ticket, link));
  place.replaceChildren(...parts);
}

function partsOf(ticket, link) {
  const parts = [standing(ticket), facts(ticket)];
  if (ticket.rounds.length) parts.push(rounds(ticket));
  if (ticket.verdict) parts.push(pay(ticket));
  if (ticket.pay) parts.push(why(ticket.pay));
  if (Object.keys(ticket.files).length && link) parts.push(files(ticket, link));
  return parts;
}

function standing(ticket) {
  const why = ticket.refusal ? ` ${ticket.refusal.message} (${ticket.refusal.code})` : "";
  const line = element("p", { class: "standing" }, element("strong", {}, ticket.status));
  line.append(` ${EXPLAINED[ticket.status] ?? ""}${why}`);
  const progress = element("progress", {
    max: String(ticket.spec.rounds),
    value: String(ticket.rounds.length),
    "aria-label": "Rounds closed",
  });
  return element("div", {}, line, progress, ` round ${ticket.rounds.length} of ${ticket.spec.rounds}`);
}

function facts(ticket) {
  const told = [
    [
      "Dataset",
      `${ticket.dataset.name}, ${ticket.dataset.rows} rows, ${ticket.dataset.classes.length} classes`,
    ],
    ["Model", ticket.spec.model],
    ["Fee", coins(ticket.fee_wei)],
    ["Deadline", moment(ticket.deadline)],
    ["Job on chain", short(ticket.job_id)],
  ];
  if (ticket.metrics) told.push(["Test accuracy", percent(ticket.metrics.accuracy)]);
  if (ticket.privacy) {
    const { epsilon, delta } = ticket.privacy;
    told.push(["Privacy of a shard", `epsilon ${epsilon.toPrecision(4)} at delta ${delta}`]);
  }
  if (ticket.refund_wei) told.push(["Refund", coins(ticket.refund_wei)]);
  return element(
    "dl",
    {},
    ...told.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
}

function rounds(ticket) {
  const rows = ticket.rounds.map((round) => [
    String(round.number),
    round.metrics.accuracy === undefined ? "–" : percent(round.metrics.accuracy),
    round.metrics.loss === undefined ? "–" : round.metrics.loss.toFixed(4),
    String(round.updates.length),
    `${round.seconds.toFixed(1)} s`,
    short(round.root),
  ]);
  return table("Rounds", ["Round", "Accuracy", "Loss", "Updates", "Time", "Root on chain"], rows);
}

function pay(ticket) {
  const { payees, amounts_wei: amounts, culprits } = ticket.verdict;
  const rows = payees.map((payee, index) => [short(payee), coins(amounts[index])]);
  for (const culprit of culprits) {
    const taken = ticket.slashed?.[culprit];
    rows.push([
      short(culprit),
      taken ? `cheated; lost ${coins(taken, "native coin")}` : "cheated; its deposit is forfeit",
    ]);
  }
  return table("Verdict", ["Node", "Outcome"], rows);
}

/** What each part of a job's pay brought each node: its share of the part, and what that paid. */
function why(pay) {
  const part = ({ name, weight_percent: weight }) => `${name.replace("_", " ")}, ${weight} %`;
  const rows = pay.lines.map(({ payee, parts }) => [
    short(payee),
    ...parts.map(({ share_ppm: share, wei }) => `${percent(share / 1e6)}: ${coins(wei)}`),
  ]);
  const shared = `Why so much: ${coins(pay.pot_wei)} by scheme ${pay.scheme}, ${coins(pay.commission_wei)} of commission`;
  return table(shared, ["Node", ...pay.lines[0].parts.map(part)], rows);
}

function files(ticket, link) {
  const rows = Object.entries(ticket.files).map(([name, file]) => {
    const address = `/t/${ticket.id}/${encodeURIComponent(name)}?token=${encodeURIComponent(link)}`;
    return [element("a", { href: address }, name), `${file.size} bytes`, short(file.sha256)];
  });
  return table("Files", ["File", "Size", "SHA-256"], rows);
}
