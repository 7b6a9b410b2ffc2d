import { html, replace } from "/static/html.js";
import { drawWhenChanged } from "/static/live.js";
import { drawEnergy } from "./energy.js";
import { drawFacts } from "./facts.js";
import { drawJobs } from "./jobs.js";
import { rating } from "./rating.js";

/**
 * What anybody may see of a node, in parts that are drawn anew only when they change.
 * @param {{coin: string, signal: AbortSignal}} about
 * @returns {{facts: Element, jobs: Element, rating: Element, energy: Element, update: (told: {node: any, ratings: any[]}) => void}}
 *   `node` of `GET /api/nodes/PROVIDER`
 */
export function nodeView({ coin, signal }) {
  const facts = html`<section aria-label="Standing"></section>`;
  const jobs = html`<section aria-labelledby="jobs-title"></section>`;
  const rated = html`<div></div>`;
  const energy = html`<section aria-labelledby="energy-title"></section>`;
  let drawing = new AbortController();
  const drawRated = drawWhenChanged(rated, ({ node, ratings }) => {
    drawing.abort();
    drawing = new AbortController();
    replace(rated, rating(node, ratings, AbortSignal.any([signal, drawing.signal])));
  });
  const draws = {
    facts: drawWhenChanged(facts, (told) => drawFacts(facts, told)),
    jobs: drawWhenChanged(jobs, (told) => drawJobs(jobs, told)),
    energy: drawWhenChanged(energy, (told) => drawEnergy(energy, told.energy, told.eco)),
  };
  const update = ({ node: told, ratings }) => {
    const { node, eco } = told;
    draws.facts({ node: { ...node, last_seen: 0, energy: null }, jobs: told.jobs, eco, coin });
    draws.jobs(told.jobs);
    draws.energy({ energy: node.energy, eco });
    drawRated({ node: { rating_bps: node.rating_bps, baseline: node.baseline }, ratings });
  };
  return { facts, jobs, rating: rated, energy, update };
}
