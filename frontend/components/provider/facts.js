import { html, replace, short } from "/static/html.js";
import { bytes, coins, percent } from "/static/units.js";
import { badge, jobLink } from "./jobs.js";
import { currentJob, earned, standing } from "./node-words.js";

const HOUR_MS = 3_600_000;

/**
 * What anybody may see of a node: where it stands, and what its machine says of itself.
 * @param {Element} place @param {{node: any, jobs: any[], eco: any, coin: string}} told
 */
export function drawFacts(place, { node, jobs, eco, coin }) {
  const stands = standing(node);
  const job = currentJob(jobs);
  const figure = (name, value) =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  replace(
    place,
    html`<p id="standing" role="status">
      ${badge(stands)} ${stands.sentence}${job ? " Now: " : ""}${job ? jobLink(job.job_id) : null}
    </p>`,
    html`<dl class="figures">
      ${figure("Rating", percent(node.rating_bps / 10_000))}
      ${figure("Deposit", coins(node.deposit_wei, coin))} ${figure("Earned", coins(earned(jobs)))}
      ${figure("Jobs paid", node.finished_jobs)} ${figure("Eco Score", eco ? eco.score.toFixed(1) : "–")}
    </dl>`,
    html`<dl class="facts">
      ${facts(node).map(([name, value]) => [html`<dt>${name}</dt>`, html`<dd>${value}</dd>`])}
    </dl>`,
  );
}

function facts(node) {
  const supply = supplyOf(node.forecast?.supply);
  return [
    ["Role", node.roles.join(", ") || "–"],
    ["Machine", machine(node.hardware)],
    ["Framework", node.framework || "–"],
    ["Energy zone", node.zone || "not said: the world's average counts"],
    ["Own sun and wind", supply ?? "none announced"],
    ["Provider's wallet", short(node.provider)],
    ["Machine's key", short(node.key)],
  ];
}

/** Processor, memory, GPUs as the machine says. @param {any} hardware */
export function machine(hardware) {
  if (!hardware?.cpu) return "–";
  const gpus = hardware.gpus?.length ? hardware.gpus.join(", ") : "no GPU";
  return `${gpus}; ${hardware.cpus} × ${hardware.cpu}; ${bytes(hardware.memory_bytes ?? 0)} memory`;
}

/** A claim of the node's, so nothing in it is relied on. */
function supplyOf(supply) {
  const watts = supply?.watts?.[Math.floor(Date.now() / HOUR_MS) - supply.from_hour];
  if (!Number.isFinite(watts)) return null;
  return `${watts} W this hour ±${percent(supply.band_ppm / 1e6, 0)}, ${supply.kind} (${supply.method})`;
}
