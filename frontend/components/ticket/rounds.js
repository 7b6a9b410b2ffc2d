import { html, replace, short, table, time } from "/static/html.js";
import { duration, percent } from "/static/units.js";
import { roundChart } from "./round-chart.js";

/** How the model became better, round by round: the chart, and the figures as a table. */
export function rounds(signal) {
  const chart = roundChart(signal);
  const figures = html`<div></div>`;
  const element = html`<section id="rounds" class="part" aria-labelledby="rounds-title" hidden>
    <h2 id="rounds-title">Rounds</h2>
    ${chart.element} ${figures}
  </section>`;
  let shown = "";
  return {
    element,
    update(ticket) {
      const now = JSON.stringify(ticket.rounds);
      if (now === shown) return;
      shown = now;
      element.hidden = ticket.rounds.length === 0;
      if (element.hidden) return;
      chart.update(ticket.rounds.map(point));
      replace(figures, roundTable(ticket));
    },
  };
}

const point = ({ number, metrics }) => ({
  number,
  accuracy: metrics.accuracy ?? null,
  loss: metrics.loss ?? null,
});

/** The rounds in figures. @param {object} ticket */
function roundTable(ticket) {
  const privacy = ticket.rounds.some((round) => round.privacy);
  return table({
    caption: `Rounds closed: ${ticket.rounds.length} of ${ticket.spec.rounds}; accuracy and loss on the validators' part of the data`,
    head: [
      "Round",
      { text: "Accuracy", numeric: true },
      { text: "Macro-F1", numeric: true },
      { text: "Loss", numeric: true },
      { text: "Updates", numeric: true },
      { text: "Late", numeric: true },
      "Rule",
      { text: "Training", numeric: true },
      { text: "Whole round", numeric: true },
      ...(privacy ? [{ text: "Epsilon so far", numeric: true }] : []),
      "Closed",
      "Root on chain",
    ],
    rows: ticket.rounds.map((round) => [
      String(round.number),
      figure(round.metrics.accuracy, percent),
      figure(round.metrics.macro_f1, (value) => value.toFixed(3)),
      figure(round.metrics.loss, (value) => value.toFixed(4)),
      `${round.updates.filter(({ accepted }) => accepted !== false).length} of ${round.updates.length}`,
      String(round.late.length),
      rule(round.aggregation),
      figure(round.training_seconds || null, duration),
      duration(round.seconds),
      ...(privacy ? [figure(round.privacy?.epsilon, (value) => value.toPrecision(4))] : []),
      round.closed_at ? time(round.closed_at) : "–",
      short(round.root),
    ]),
  });
}

function rule(aggregation) {
  if (!aggregation) return "–";
  const out = aggregation.left_out.length;
  return aggregation.rule.replaceAll("_", " ") + (out ? `, without ${out}` : "");
}

/** A figure, or a dash where there is none. @param {any} value @param {(value: any) => string} told */
export const figure = (value, told) => (value === null || value === undefined ? "–" : told(value));
