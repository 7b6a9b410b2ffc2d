import { html, short, table } from "/static/html.js";
import { coins, count, percent } from "/static/units.js";
import { nodeLink } from "./names.js";
import { section } from "./section.js";

const PPM = 1_000_000;

/** What the validators signed, and who was paid how much and why. */
export function pay() {
  return section({
    id: "verdict",
    title: "Verdict and pay",
    pick: ({ verdict, pay: why, refusal }, { names }) =>
      verdict ? { verdict, why, refusal, known: names.size } : null,
    draw: ({ verdict, why }, { names }) => [
      html`<dl class="facts">
        <dt>Outcome</dt>
        <dd>${verdict.outcome === "settle" ? "The work is good: pay" : "The work is not good: refund"}</dd>
        <dt>Signed by</dt>
        <dd>${verdict.signatures.length} validators</dd>
        ${
          verdict.outcome === "settle"
            ? [html`<dt>Model's hash</dt>`, html`<dd>${short(verdict.result_sha256)}</dd>`]
            : null
        }
        <dt>Hash of the signed reports</dt>
        <dd>${short(verdict.evidence_hash)}</dd>
      </dl>`,
      why ? explained(why, names) : plain(verdict, names),
    ],
  });
}

/** Why so much: every part of every payee's pay. @param {object} why a ticket's `pay` @param {Map<string, string>} names */
export function explained(why, names) {
  const parts = why.lines[0]?.parts ?? [];
  return html`<div>
    <p>
      ${coins(why.fee_wei)} of fee = ${coins(why.pot_wei)} for the nodes + ${coins(why.commission_wei)} of
      commission. Scheme ${why.scheme}: ${why.formula}.
    </p>
    ${table({
      caption: "Why so much",
      head: [
        "Node",
        { text: "Pay", numeric: true },
        ...parts.map(({ name, weight_percent: weight }) => ({
          text: `${spaced(name)}, ${weight} %`,
          numeric: true,
        })),
      ],
      rows: why.lines.map((line) => [
        nodeLink(line.payee, names),
        coins(line.amount_wei),
        ...line.parts.map(
          (part) =>
            html`<span class="part-pay"
              >${coins(part.wei)}<small
                >${value(part)}: ${percent(part.share_ppm / PPM, 1)} of all</small
              ></span
            >`,
        ),
      ]),
    })}
    <details id="pay-notes">
      <summary>What the parts are</summary>
      <dl class="facts">
        ${Object.entries(why.notes).map(([name, note]) => [html`<dt>${spaced(name)}</dt>`, html`<dd>${note}</dd>`])}
      </dl>
    </details>
  </div>`;
}

function plain(verdict, names) {
  const rows = verdict.payees.map((payee, index) => [
    nodeLink(payee, names),
    coins(verdict.amounts_wei[index]),
  ]);
  if (rows.length === 0) return html`<p>Nobody was paid for this job.</p>`;
  return table({ caption: "Pay", head: ["Node", { text: "Pay", numeric: true }], rows });
}

const value = ({ value: amount, unit }) =>
  unit === "ppm" ? percent(amount / PPM, 1) : `${count(amount)} ${unit}`;
const spaced = (name) => name.replaceAll("_", " ").replace("macro f1", "macro-F1");
