import { html, short, time } from "/static/html.js";
import { duration } from "/static/units.js";
import { section } from "./section.js";
import { ENDED, neverPaid, STATUSES, STRAIGHT, waitsFor } from "./words.js";

/** Which of the market's events is the transaction of which stage. @type {Record<string, string[]>} */
const PROOF = {
  FUNDED: ["JobOpened"],
  RUNNING: ["JobAssigned"],
  SETTLED: ["JobSettled", "JobSettledByRoot"],
  REFUNDING: ["JobFailed", "JobCancelled", "JobReclaimed"],
  REFUNDED: ["Withdrawn", "JobReclaimed"],
  DISPUTED: ["SlashContested"],
};

/** The map of stages: those gone through with their times, the present one and what it waits for, those still to come. */
export function stages() {
  return section({
    id: "stages",
    title: "Stages",
    pick: (ticket, { events }) => ({
      timeline: ticket.timeline,
      status: ticket.status,
      waits: waitsFor(ticket),
      coming: coming(ticket),
      transactions: transactions(events),
    }),
    draw: ({ timeline, status, waits, coming: later, transactions: proofs }) =>
      html`<ol class="stages">
        ${timeline.map((moment, index) => {
          const now = index === timeline.length - 1;
          const until = timeline[index + 1]?.at;
          return stage(moment.status, {
            state: now ? (ENDED.includes(status) ? "over" : "now") : "past",
            at: moment.at,
            took: until ? until - moment.at : null,
            waits: now ? waits : null,
            tx: proofs[moment.status],
          });
        })}
        ${later.map((name) => stage(name, { state: "later" }))}
      </ol>`,
  });
}

function stage(name, { state, at = null, took = null, waits = null, tx = null }) {
  const known = STATUSES[name] ?? { label: name, look: "" };
  const bad = known.look === "bad" ? "bad" : "";
  return html`<li class="stage ${state} ${bad}" aria-current=${state === "now" ? "step" : null}>
    <span class="stage-name">${known.label}</span> <span class="stage-code">${name}</span>
    ${at ? html`<span class="stage-time">${time(at)}${took === null ? "" : `, ${duration(took)}`}</span>` : null}
    ${at ? null : html`<span class="stage-time">to come</span>`}
    ${waits ? html`<span class="stage-waits">${waits}</span>` : null} ${tx ? short(tx) : null}
  </li>`;
}

/** The stages still to come, as far as that is known. @param {object} ticket @returns {string[]} */
export function coming(ticket) {
  const { status } = ticket;
  if (ENDED.includes(status)) return [];
  if (["INVALID", "FAILED", "EXPIRED"].includes(status))
    return neverPaid(ticket) ? [] : ["REFUNDING", "REFUNDED"];
  if (status === "REFUNDING" || status === "DISPUTED") return ["REFUNDED"];
  return STRAIGHT.slice(STRAIGHT.indexOf(status) + 1);
}

function transactions(events) {
  return Object.fromEntries(
    Object.entries(PROOF).flatMap(([name, kinds]) => {
      const found = events.findLast((event) => kinds.includes(event.name));
      return found ? [[name, found.tx]] : [];
    }),
  );
}
