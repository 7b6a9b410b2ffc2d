import { html, short, table } from "/static/html.js";
import { co2, moment } from "/static/units.js";
import { nodeLink } from "./names.js";
import { section } from "./section.js";

/** What stands on the carbon chain about the job: its epoch, baseline, credits, certificate and publication. */
export function proofs() {
  return section({
    id: "proofs",
    title: "On the carbon chain",
    pick: (ticket, { names, events }) => {
      const published = events.find(({ name }) => name === "Published") ?? null;
      const { epoch, baseline, credits, certificate, job_id: job } = ticket;
      if (!epoch && !baseline && !certificate && !published && !ticket.verdict) return null;
      return {
        refunded: ticket.refund_wei !== null,
        epoch,
        baseline,
        credits,
        certificate,
        published,
        job,
        wanted: ticket.spec.publish,
        known: names.size,
      };
    },
    draw: (said, { names }) => [
      html`<dl class="facts">
        <dt>Energy ledger</dt>
        <dd>${epoch(said.epoch)}</dd>
        <dt>Baseline</dt>
        <dd>${baseline(said.baseline)}</dd>
        <dt>Green certificate</dt>
        <dd>${certificate(said)}</dd>
        ${said.wanted ? [html`<dt>Publication</dt>`, html`<dd>${publication(said)}</dd>`] : null}
      </dl>`,
      credits(said.credits, names),
    ],
  });
}

function epoch(of) {
  if (!of) return "The readings are in no sealed epoch yet.";
  return html`<span
    >Epoch <a href="/ledger">${of.index}</a> holds the readings, hash ${short(of.hash)}, transaction
    ${short(of.tx)}</span
  >`;
}

function baseline(of) {
  if (!of) return "None was fixed.";
  const { micrograms, node_rounds: rounds } = of.baseline;
  return html`<span
    >${co2(micrograms)} for one node's work in one round, ${rounds} of them at most; fixed
    ${moment(of.fixed_at)}, before the job ran, transaction ${short(of.tx)}</span
  >`;
}

function certificate({ certificate: of, job }) {
  if (!of) return "None yet.";
  if (of.refusal) return `None: ${of.refusal.message}`;
  return html`<span
    >Proven to stay under ${co2(of.bound)}, its ${of.of}, without showing the readings:
    <a href="/certificates?job=${job}">check it</a>, transaction ${short(of.tx)}</span
  >`;
}

function publication({ published: event, refunded }) {
  if (!event)
    return refunded
      ? "Not listed: the job was not settled."
      : "Asked for; it is listed once the job is settled.";
  return html`<span>Listed ${moment(event.at)}, transaction ${short(event.tx)}</span>`;
}

function credits(issued, names) {
  if (issued.length === 0) return null;
  const held = new Map();
  for (const { node, zone, vintage, micrograms } of issued) {
    const key = JSON.stringify([node, zone, vintage]);
    held.set(key, (held.get(key) ?? 0) + Number(micrograms));
  }
  return html`<div>
    ${table({
      caption: "Eco Credits that this job's nodes were issued",
      head: ["Node", "Zone", "Month", { text: "Avoided", numeric: true }],
      rows: [...held].map(([key, micrograms]) => {
        const [node, zone, vintage] = JSON.parse(key);
        return [nodeLink(node, names), zone, vintage, co2(micrograms)];
      }),
    })}
    <p class="note">
      An Eco Credit is an internal unit, not a carbon offset. <a href="/credits">All credits</a>
    </p>
  </div>`;
}
