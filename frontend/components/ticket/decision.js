import { html, short, table, time } from "/static/html.js";
import { co2, duration, joules, percent } from "/static/units.js";
import { nodeLink } from "./names.js";
import { section } from "./section.js";

const PPM = 1_000_000;

/** Who was chosen, by which policy and why, who was not, and what the job is held against. */
export function decision() {
  return section({
    id: "decision",
    title: "Why these nodes",
    pick: (ticket, { decision: whole, names }) =>
      ticket.decision ? { short: ticket.decision, whole, known: names.size } : null,
    draw: ({ short: said, whole }, { names }) => [
      html`<p>
        Policy <strong>${said.policy}</strong>, decided ${time(said.at)};
        ${said.waits ? html`the job waits until ${time(said.start_at)}.` : "the job started at once."}
      </p>`,
      html`<ul>
        ${said.reasons.map((reason) => html`<li>${reason}</li>`)}
      </ul>`,
      whole ? chosen(whole, names) : null,
      whole ? baseline(whole) : null,
      whole ? passedOver(whole, names) : null,
      html`<p class="note">
        ${whole?.compression ? `${whole.compression} ` : ""}The decision's hash, which the job's baseline on
        the carbon chain holds: ${short(said.hash)}
      </p>`,
    ],
  });
}

function chosen({ trainers, front }, names) {
  const parts = [...new Set(trainers.flatMap((trainer) => Object.keys(trainer.scores_ppm)))];
  return html`<div>
    ${table({
      caption: "Chosen trainers, with what a round of each was expected to take",
      head: [
        "Node",
        "Zone",
        { text: "Intensity", numeric: true },
        { text: "Time", numeric: true },
        { text: "Energy", numeric: true },
        { text: "Emissions", numeric: true },
        { text: "Level", numeric: true },
        ...parts.map((text) => ({ text, numeric: true })),
      ],
      rows: trainers.map((trainer) => [
        nodeLink(trainer.node, names),
        trainer.zone || "–",
        html`<span title=${trainer.intensity_source}
          >${(trainer.mg_per_kwh / 1000).toFixed(1)} gCO₂e/kWh</span
        >`,
        duration(trainer.milliseconds / 1000),
        joules(trainer.millijoules),
        co2(trainer.micrograms),
        String(trainer.level),
        ...parts.map((part) => percent((trainer.scores_ppm[part] ?? 0) / PPM, 1)),
      ]),
    })}
    ${
      front.length
        ? table({
            caption: "Choices that nothing beat in everything, of which this is one",
            head: [
              { text: "Energy", numeric: true },
              { text: "Emissions", numeric: true },
              { text: "Time to the end", numeric: true },
            ],
            rows: front.map((one) => [
              joules(one.millijoules),
              co2(one.micrograms),
              duration(one.milliseconds / 1000),
            ]),
          })
        : null
    }
  </div>`;
}

function baseline({ baseline: of, rounds, asked, expected_seconds: seconds }) {
  if (!of.nodes) return html`<p>No benchmark says yet what the job would have taken otherwise.</p>`;
  return html`<p>
    Held against policy <strong>${of.policy}</strong>: any of ${of.nodes} available
    ${of.nodes === 1 ? "trainer" : "trainers"}, at once and at full speed, would take
    ${joules(of.millijoules)} and ${co2(of.micrograms)} for one node's work in one round, at
    ${(of.mg_per_kwh / 1000).toFixed(1)} gCO₂e/kWh; so ${co2(of.micrograms * rounds * asked)} for ${rounds}
    rounds of ${asked} nodes. The whole job was expected to take ${duration(seconds)}.
  </p>`;
}

function passedOver({ passed_over: those }, names) {
  const left = Object.entries(those);
  if (left.length === 0) return html`<p class="note">Every available trainer was taken.</p>`;
  return html`<details id="passed-over">
    <summary>Available trainers that were not taken: ${left.length}</summary>
    ${table({
      caption: "Not taken",
      head: ["Node", "Why"],
      rows: left.map(([node, why]) => [nodeLink(node, names), why]),
    })}
  </details>`;
}
