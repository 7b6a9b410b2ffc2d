import { short, html, table, time } from "/static/html.js";
import { percent } from "/static/units.js";
import { ratingChart } from "./rating-chart.js";

const KINDS = { joined: "joined", benchmark: "benchmark", verdict: "settled job" };
const ROWS = 50;

/**
 * How a node's rating came about: its two halves, a chart, and the same as a table.
 * @param {any} node @param {any[]} ratings of `GET /api/nodes/PROVIDER/ratings` @param {AbortSignal} signal
 */
export function rating(node, ratings, signal) {
  const last = ratings.at(-1);
  const chart = html`<div class="chart-place"></div>`;
  if (ratings.length > 1) ratingChart(chart, ratings, signal);
  return html`<section aria-labelledby="rating-title">
    <h2 id="rating-title">Rating</h2>
    <p>
      ${percent(node.rating_bps / 10_000)} is the mean of two halves: what the benchmark showed
      (${last ? percent(last.baseline_bps / 10_000) : "–"}), and what settled jobs showed
      (${last ? percent(last.quality_bps / 10_000) : "–"}). Rating times deposit is a node's weight in the
      draws.
    </p>
    ${measured(node.baseline)} ${chart}
    <details>
      <summary>Every step of it, from the chain</summary>
      ${steps(ratings)}
    </details>
  </section>`;
}

function measured(baseline) {
  if (!baseline) return null;
  if (!baseline.benchmark)
    return html`<p class="note">
      No benchmark
      yet${baseline.failure ? `; the last attempt failed: ${baseline.failure}` : ": it is run soon after the machine connects"}.
    </p>`;
  const { accuracy, macro_f1: f1, seconds, joules, kind, band_ppm: band } = baseline.measured;
  return html`<p class="note">
    Benchmark ${baseline.benchmark}: accuracy ${percent(accuracy)}, macro-F1 ${percent(f1)},
    ${seconds.toFixed(1)} s, ${joules.toFixed(1)} J ${kind}
    ±${percent(band / 1e6, 0)}${
      baseline.periods ? `; faded for ${baseline.periods} period(s) without a new one` : ""
    }${baseline.failure ? `; the last attempt failed: ${baseline.failure}` : ""}.
  </p>`;
}

function steps(ratings) {
  const rows = ratings
    .slice(-ROWS)
    .reverse()
    .map((step) => [
      time(step.at),
      step.job_id ? html`<a href="/jobs/${step.job_id}">${KINDS[step.kind]}</a>` : KINDS[step.kind],
      step.kind === "joined" ? "–" : percent(step.bps / 10_000),
      percent(step.baseline_bps / 10_000),
      percent(step.quality_bps / 10_000),
      percent(step.rating_bps / 10_000),
      short(step.tx),
    ]);
  const numeric = (text) => ({ text, numeric: true });
  return table({
    caption: "What moved the rating, the newest first",
    head: [
      "When",
      "What",
      numeric("It showed"),
      numeric("Benchmark half"),
      numeric("Jobs' half"),
      numeric("Rating"),
      "Transaction",
    ],
    rows,
    empty: html`<p class="note">Nothing has been taken in from the chain yet.</p>`,
  });
}
