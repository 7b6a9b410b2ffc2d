import { ecoScore } from "/static/components/ticket/eco-score.js";
import { html, short, table } from "/static/html.js";
import { co2, count, joules } from "/static/units.js";
import { creditNote } from "./credit-note.js";
import { band, classMeaning, facts } from "./words.js";

/** Energy, emissions, certificate and credits of a job. @param {object} job @param {(address: string) => any} nodeOf */
export function jobEnergy(job, nodeOf) {
  const { energy, certificate, baseline, credits } = job;
  if (!energy.classes) return html`<p>Nothing was metered for this job.</p>`;
  return html`<div>
    ${facts([
      ...Object.entries(energy.classes).map(([kind, of]) => [
        `Energy, ${kind}`,
        html`${joules(of.millijoules)}
          ${band(of.millijoules ? (1e6 * of.band_millijoules) / of.millijoules : 0)}
          <small>${classMeaning(kind)}</small>`,
      ]),
      ["Emitted, by location", `${co2(job.micrograms)} ${band(job.band_ppm)}`],
      [
        "Baseline of one node’s round",
        baseline ? `${joules(baseline.baseline.millijoules)}, ${co2(baseline.baseline.micrograms)}` : null,
      ],
      ["Certificate", certificate ? certificateOf(job.job_id, certificate) : "none"],
    ])}
    ${energy.eco ? ecoScore(energy.eco) : null} ${credits.length ? creditsOf(credits, nodeOf) : null}
  </div>`;
}

function certificateOf(job, { bound, of, refusal, tx }) {
  if (refusal) return html`none: ${refusal.message} <code class="code">${refusal.code}</code>`;
  return html`<span
    >at most ${co2(bound)}, its ${of}, ${short(tx)}
    <a href="/certificates?job=${job}">Check the certificate</a></span
  >`;
}

function creditsOf(credits, nodeOf) {
  return html`<div>
    ${table({
      caption: "Eco Credits issued for it",
      head: [
        "Node",
        { text: "Round", numeric: true },
        "Zone",
        "Month",
        { text: "Avoided", numeric: true },
        "Transaction",
      ],
      rows: credits.map((of) => [
        nodeOf(of.node),
        count(of.round),
        of.zone,
        of.vintage,
        co2(of.micrograms),
        short(of.tx),
      ]),
    })}
    ${creditNote()}
  </div>`;
}
