import { explained } from "/static/components/ticket/pay.js";
import { html, short, table } from "/static/html.js";
import { coins, count } from "/static/units.js";
import { facts } from "./words.js";

/** What was signed about a job, and why each node was paid so much. @param {object} job @param {Map<string, string>} names @param {(address: string) => any} nodeOf */
export function jobVerdict(job, names, nodeOf) {
  const { verdict, pay } = job;
  if (!verdict) return html`<p>There is no verdict yet.</p>`;
  const good = verdict.outcome === "settle";
  return html`<div>
    ${facts([
      ["Outcome", good ? "The work is good: pay the trainers" : "The work is not good: refund the customer"],
      ["Signatures", count(verdict.signatures.length)],
      ["Result’s hash", good ? short(verdict.result_sha256) : null],
      ["Hash of the signed reports", short(verdict.evidence_hash)],
    ])}
    ${pay ? explained(pay, names) : null} ${job.evidence.length ? accused(job, nodeOf) : null}
  </div>`;
}

const STATES = {
  named: "accused: can contest",
  contested: "contests: the arbiter decides",
  guilty: "found guilty by the arbiter",
  acquitted: "acquitted",
  slashed: "lost its deposit",
};

function accused(job, nodeOf) {
  return html`<div>
    ${table({
      caption: "Accused, with the evidence against them",
      head: ["Node", "What became of it", { text: "Deposit taken", numeric: true }, "Evidence bundle"],
      rows: job.evidence.map(({ culprit, accusation, slashed_wei: taken, bundle }) => [
        nodeOf(culprit),
        STATES[accusation] ?? "–",
        taken ? coins(taken, "native coin") : "–",
        bundle ? short(bundle) : "–",
      ]),
    })}
    <p class="note">
      A bundle holds rows of the customer’s, so it is for those who had them already: the customer, the
      validators, the accused and the arbiter. Whoever has one replays it with <code>ecodml verify</code>.
    </p>
  </div>`;
}
