/** How the public pages name what they show. */

import { html } from "/static/html.js";
import { percent } from "/static/units.js";

/** A value that may not be known yet. @template T @param {T|null|undefined} value @param {(value: T) => any} told */
export const known = (value, told) => (value === null || value === undefined ? "–" : told(value));

/** How far a figure may be off. @param {number} ppm millionths */
export const band = (ppm) => `± ${percent(ppm / 1e6, 0)}`;

const shortened = (hash) => (hash.length > 14 ? `${hash.slice(0, 8)}…${hash.slice(-4)}` : hash);

/** A job, leading to its page. @param {string} job 0x hex */
export const jobLink = (job) =>
  html`<a class="hash" href="/jobs/${job}" title=${job}><code>${shortened(job)}</code></a>`;

const FATES = {
  settled: ["good", "The work passed its checks and the nodes were paid."],
  refunded: ["warn", "The fee went back to the customer, or is going back."],
  open: ["", "The fee is in the escrow."],
};

/** Where a job stands. @param {{status: string, fate: string}} job */
export function jobState({ status, fate }) {
  const [look, said] = FATES[fate] ?? ["", ""];
  return html`<span class="badge ${look}" title=${said}>${status[0] + status.slice(1).toLowerCase()}</span>`;
}

const CLASSES = {
  measured: "read from a meter",
  modelled: "estimated by a model of the machine",
  constant: "a fixed figure for the machine's kind",
};

/** What a class of energy figures is. @param {string} kind */
export const classMeaning = (kind) => CLASSES[kind] ?? "";

/** The present age of what the server told, in words. @param {number|null} seconds */
export function age(seconds) {
  if (seconds === null) return "never";
  return seconds < 2 ? "just now" : `${Math.round(seconds)} s ago`;
}

/** Facts by name. @param {[string, any][]} pairs those whose value is null are left out */
export function facts(pairs) {
  return html`<dl class="facts">
    ${pairs
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [html`<dt>${name}</dt>`, html`<dd>${value}</dd>`])}
  </dl>`;
}

/** One whole number as a share of another, however large they are. @param {string|number} part @param {string|number} of */
export function shareOf(part, of) {
  return BigInt(of) === 0n ? "–" : percent(Number((BigInt(part) * 1_000_000n) / BigInt(of)) / 1e6, 1);
}
