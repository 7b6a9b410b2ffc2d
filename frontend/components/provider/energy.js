import { html, replace, table } from "/static/html.js";
import { duration, joules, percent } from "/static/units.js";

const USES = [
  ["job", "Jobs"],
  ["idle", "Idle"],
  ["chain", "Chain work"],
];
const FORMULA = "35 % energy + 35 % carbon + 15 % use + 15 % accuracy";
const PARTS = {
  energy: "energy the benchmarks expect, against what was used",
  carbon: "the world's average grid, against the electricity used",
  use: "seconds worked, of those held",
  accuracy: "accuracy on data that was not trained on",
};
const HOUR_S = 3600;

/**
 * What a node has drawn, by use, and its Eco Score.
 * @param {Element} place @param {any} energy NODE's, or null @param {any} eco of `GET /api/nodes/PROVIDER`, or null
 */
export function drawEnergy(place, energy, eco) {
  replace(place, html`<h2 id="energy-title">Energy</h2>`, drawn(energy), score(eco));
}

function drawn(energy) {
  if (!energy) return html`<p class="note">The node has not said yet what it has drawn.</p>`;
  const total = USES.reduce((sum, [use]) => sum + energy[`${use}_millijoules`], 0);
  const seconds = USES.reduce((sum, [use]) => sum + energy[`${use}_seconds`], 0);
  const row = (name, mj, s) => [name, joules(mj), total ? percent(mj / total, 1) : "–", duration(s)];
  const numeric = (text) => ({ text, numeric: true });
  const since = new Date(energy.since_hour * HOUR_S * 1000).toLocaleString();
  return [
    table({
      caption: `Drawn since ${since}`,
      head: ["For", numeric("Energy"), numeric("Of all"), numeric("Time")],
      rows: [
        ...USES.map(([use, name]) => row(name, energy[`${use}_millijoules`], energy[`${use}_seconds`])),
        row("In all", total, seconds),
      ],
    }),
    html`<p class="note">
      The weakest class among the readings is ${energy.kind}, ±${percent(energy.band_ppm / 1e6, 0)}. The
      machine counts this itself; nothing is paid by it. <code>ecodml node energy</code> shows steps and days.
    </p>`,
  ];
}

function score(eco) {
  if (!eco)
    return html`<h3>Eco Score</h3>
      <p class="note">Comes with the first settled job in which the node trained.</p>`;
  const numeric = (text) => ({ text, numeric: true });
  return [
    html`<h3>Eco Score ${eco.score.toFixed(2)} of 100</h3>`,
    html`<p>Over ${eco.jobs} settled job(s): ${FORMULA} (<code>${eco.formula}</code>).</p>`,
    table({
      caption: "Parts of the Eco Score",
      head: ["Part", numeric("Points of 100"), numeric("Weight"), "What it compares"],
      rows: Object.entries(eco.parts).map(([name, points]) => [
        name,
        points.toFixed(2),
        `${eco.weights_percent[name]} %`,
        PARTS[name] ?? "",
      ]),
    }),
  ];
}
