import { empty } from "/static/components/empty.js";
import { html, replace, short, table, time } from "/static/html.js";
import { coins, percent } from "/static/units.js";
import { earned, outcome, partValue } from "./node-words.js";

/**
 * A node's jobs and what they paid; a paid one explains its pay part by part.
 * @param {Element} place @param {any[]} jobs of `GET /api/nodes/PROVIDER`, the newest first
 */
export function drawJobs(place, jobs) {
  const why = html`<div
    class="why"
    role="region"
    aria-label="Why a job paid so much"
    aria-live="polite"
    hidden
  ></div>`;
  const numeric = (text) => ({ text, numeric: true });
  const listed = table({
    caption: `Jobs: ${coins(earned(jobs))} earned`,
    head: ["Job", "When", "As", "Outcome", numeric("Rounds"), numeric("Paid"), "Why"],
    rows: jobs.map((job) => [
      jobLink(job.job_id),
      time(job.at),
      job.role,
      badge(outcome(job)),
      job.rounds,
      job.status === "SETTLED" ? coins(job.paid_wei) : "–",
      isExplained(job)
        ? html`<button type="button" id="why-${job.job_id}" @click=${() => explain(why, job)}>
            Why so much
          </button>`
        : null,
    ]),
    empty: empty("No job yet: an online node gets work as it comes, by deposit, rating and energy."),
  });
  replace(place, html`<h2 id="jobs-title">Jobs and earnings</h2>`, listed, why);
}

/** A job by the short form of its id. @param {string} id */
export function jobLink(id) {
  return html`<a href="/jobs/${id}"><code title=${id}>${id.slice(0, 8)}…${id.slice(-4)}</code></a>`;
}

/** @param {{word: string, kind: string}} said */
export function badge({ word, kind }) {
  return html`<span class=${kind ? `badge ${kind}` : "badge"}>${word}</span>`;
}

function isExplained(job) {
  return job.status === "SETTLED" && Boolean(job.pay?.lines.length);
}

function explain(place, job) {
  const { pay } = job;
  const [line] = pay.lines;
  const numeric = (text) => ({ text, numeric: true });
  const parts = table({
    caption: `${coins(line.amount_wei)}, part by part`,
    head: ["Part", numeric("Its own"), numeric("Of all trainers'"), numeric("Weight"), numeric("Paid")],
    rows: line.parts.map((part) => [
      part.name.replaceAll("_", " "),
      partValue(part),
      percent(part.share_ppm / 1e6),
      `${part.weight_percent} %`,
      coins(part.wei),
    ]),
  });
  replace(
    place,
    html`<h3 tabindex="-1">Why job ${short(job.job_id)} paid ${coins(line.amount_wei)}</h3>`,
    html`<p>
      The fee of ${coins(pay.fee_wei)} less ${coins(pay.commission_wei)} commission is divided by scheme
      ${pay.scheme}: ${pay.formula}.
    </p>`,
    parts,
    html`<ul class="note">
      ${line.parts.map((part) => html`<li>${part.name.replaceAll("_", " ")}: ${pay.notes[part.name]}</li>`)}
    </ul>`,
    html`<p class="note">
      It follows from the score words on chain: <a href="/jobs/${job.job_id}">look at the job's audit</a>, or
      run <code>ecodml node earnings ${job.job_id.slice(0, 10)}…</code> with the whole id.
    </p>`,
  );
  place.hidden = false;
  place.querySelector("h3").focus();
}
