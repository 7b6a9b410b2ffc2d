import { html, short, time } from "/static/html.js";
import { coins, moment } from "/static/units.js";
import { naming, nodeLink } from "./names.js";
import { section } from "./section.js";
import { neverPaid, statusOf, waitsFor } from "./words.js";

const SHOWN = [
  ...["id", "status", "spec", "decision", "deadline", "estimate", "refusal", "alerts", "fee_wei", "customer"],
  ...["refund_wei", "verdict", "accusations", "slashed", "files", "timeline"],
];

/** The first thing that is looked at: the status in words, the refusal or refund with its transaction, when it should be over. */
export function standing() {
  return section({
    id: "standing",
    title: "Status",
    pick: (ticket, { names, events }) => ({
      ticket: Object.fromEntries(SHOWN.map((field) => [field, ticket[field]])),
      closed: ticket.rounds.length,
      known: [names.size, events.length],
    }),
    draw: ({ ticket: shown, closed }, { names, events }) => {
      const ticket = { ...shown, rounds: Array.from({ length: closed }) };
      return [
        line(ticket),
        progress(ticket),
        expected(ticket),
        refusal(ticket, names),
        refund(ticket, events),
        culprits(ticket, names),
        ...ticket.alerts.map(
          (alert) => html`<p class="warning">${alert.message} <code class="code">${alert.code}</code></p>`,
        ),
      ];
    },
  });
}

function line(ticket) {
  const { label, said, look } = statusOf(ticket.status);
  const waits = waitsFor(ticket);
  return html`<p class="standing">
    <span class="badge ${look}" data-status=${ticket.status}>${label}</span> ${said}
    ${waits ? html`<span class="waits">${waits}</span>` : null}
  </p>`;
}

function progress({ status, rounds, spec }) {
  if (status !== "RUNNING" && status !== "QUEUED") return null;
  return html`<p class="row rounds-done">
    <progress max=${spec.rounds} value=${rounds.length} aria-label="Rounds closed"></progress>
    <span class="figure">${rounds.length} of ${spec.rounds} rounds closed</span>
  </p>`;
}

function expected({ estimate, status, deadline, rounds }) {
  if (estimate) {
    const late = estimate.high * 1000 < Date.now();
    return html`<p>
      Training should ${late ? "have ended" : "end"} at <strong>${time(estimate.finish_at)}</strong>
      <span class="note"
        >(between ${clock(estimate.low)} and ${clock(estimate.high)}: ${estimate.basis})</span
      >
    </p>`;
  }
  if (status === "RUNNING" && rounds.length === 0)
    return html`<p class="note">
      The end can be estimated once the first round is closed; the deadline is ${time(deadline)}.
    </p>`;
  return null;
}

const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString();

function refusal({ refusal: why }, names) {
  if (!why) return null;
  return html`<div class="problem">
    <p><strong>Why:</strong> ${naming(why.message, names)} <code class="code">${why.code}</code></p>
  </div>`;
}

function refund(ticket, events) {
  if (ticket.refund_wei === null) {
    return neverPaid(ticket) && ["INVALID", "EXPIRED"].includes(ticket.status)
      ? html`<p>Nothing was paid for this ticket, so there is nothing to give back.</p>`
      : null;
  }
  const amount = coins(ticket.refund_wei);
  const paidBack = ticket.status === "REFUNDED" || ticket.status === "DISPUTED";
  const how = events.findLast(({ name }) => name === "Withdrawn" || name === "JobReclaimed");
  const credited = events.findLast(({ name }) => name === "JobFailed" || name === "JobCancelled");
  const proof = how ?? credited;
  return html`<div class=${paidBack ? "done" : "warning"}>
    <p>
      <strong>${paidBack ? "Refunded:" : "Being refunded:"}</strong> ${amount}, the whole fee,
      ${paidBack ? "is in the customer's wallet" : "belongs to the customer again"}
      ${short(ticket.customer)}${
        proof
          ? html`<span
              >, ${moment(proof.at)}, transaction ${short(proof.tx)} on the market chain, block
              ${proof.block}</span
            >`
          : null
      }.
    </p>
  </div>`;
}

const ACCUSED = {
  signed: "named by the validators",
  named: "named by the verdict; it may contest until its window closes, then its deposit is taken",
  contested: "contests; the arbiter decides",
  guilty: "found guilty by the arbiter; its deposit is about to be taken",
  acquitted: "acquitted by the arbiter; it keeps its deposit",
  slashed: "lost its deposit and is banned",
};

function culprits(ticket, names) {
  const named = ticket.verdict?.culprits ?? [];
  if (named.length === 0) return null;
  return html`<ul class="culprits">
    ${named.map((culprit) => {
      const taken = ticket.slashed?.[culprit];
      return html`<li>
        <span class="badge bad">Culprit</span> ${nodeLink(culprit, names)}:
        ${ACCUSED[ticket.accusations?.[culprit] ?? "signed"]}${
          taken ? ` (${coins(taken, "native coin")})` : ""
        }.
        ${evidence(ticket, culprit)}
      </li>`;
    })}
  </ul>`;
}

function evidence(ticket, culprit) {
  const name = `evidence-${culprit}.tar`;
  return ticket.files[name]
    ? html`<span class="note"
        >What it did can be replayed by anyone who holds ${name}, under Files:
        <code>ecodml verify</code>.</span
      >`
    : null;
}
