import { get } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { jobAudit } from "/static/components/public/job-audit.js";
import { jobEnergy } from "/static/components/public/job-energy.js";
import { jobFacts, jobRounds, jobStages } from "/static/components/public/job-facts.js";
import { jobVerdict } from "/static/components/public/job-verdict.js";
import { eventList } from "/static/components/ticket/job-events.js";
import { namesOf, nodeLink } from "/static/components/ticket/names.js";
import { html, replace, short, styles } from "/static/html.js";
import { drawWhenChanged, every } from "/static/live.js";

export const title = "Job";

const EVERY_S = 5;
const NOT_OURS = ["job.unknown"];

/** @param {Element} place */
export async function show(place, { params, signal }) {
  await Promise.all([styles("public"), styles("ticket")]);
  place.classList.add("public");
  const job = params.job.toLowerCase();
  const loading = html`<div>${busy("Looking up the job …")}</div>`;
  replace(place, html`<h1>Job ${short(job)}</h1>`, loading);

  const { nodes } = await get("/api/nodes", { signal }).catch(() => ({ nodes: [] }));
  const names = namesOf(nodes);
  const nodeOf = (address) => nodeLink(address, names);
  const known = await get(`/api/jobs/${job}`, { signal }).catch((refusal) => refusal);
  const refused = known instanceof Error ? known : null;
  if (refused && !NOT_OURS.includes(refused.code)) {
    if (!signal.aborted) replace(loading, problem(refused, { forward: allJobs() }));
    return;
  }

  const { audit, draw, load } = jobAudit(job, signal, nodeOf);
  if (refused) {
    // A job that another operator's server knows may still be on this chain.
    const unknown = await load();
    if (signal.aborted) return;
    replace(loading, unknown ? problem(refused, { forward: allJobs() }) : audit);
    return;
  }

  const parts = { facts: section("facts", "Facts"), stages: section("stages", "Stages") };
  parts.crew = section("crew", "The draw of its judges");
  parts.verdict = section("verdict", "Verdict and pay");
  parts.energy = section("energy", "Energy and certificate");
  parts.events = section("events", "On both chains");
  replace(parts.crew.body, draw);
  replace(
    place,
    place.firstElementChild,
    html`<div class="grid wide">${parts.facts.element}${parts.stages.element}</div>`,
    audit,
    ...["crew", "verdict", "energy", "events"].map((name) => parts[name].element),
  );

  let last = null;
  const redraw = drawWhenChanged(parts.facts.body, (told) => {
    replace(parts.facts.body, jobFacts(told, nodeOf));
    replace(parts.stages.body, jobStages(told), jobRounds(told));
    replace(parts.verdict.body, jobVerdict(told, names, nodeOf));
    replace(parts.energy.body, jobEnergy(told, nodeOf));
  });
  const heard = (told) => {
    redraw(told);
    if (told.status === last) return;
    last = told.status;
    load();
    showEvents(parts.events.body, job, names, signal);
  };
  heard(known.job);
  await every(EVERY_S, async () => heard((await get(`/api/jobs/${job}`, { signal })).job), signal);
}

async function showEvents(place, job, names, signal) {
  replace(place, busy("Reading both chains …"));
  try {
    const { events, complete } = await get(`/api/jobs/${job}/events`, { signal });
    replace(
      place,
      complete
        ? null
        : html`<p class="warning">Not all of the chains could be read: events may be missing.</p>`,
      eventList(events, names),
    );
  } catch (refusal) {
    if (!signal.aborted)
      replace(place, problem(refusal, { again: () => showEvents(place, job, names, signal) }));
  }
}

function section(id, heading) {
  const body = html`<div></div>`;
  const element = html`<section class="card" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${heading}</h2>
    ${body}
  </section>`;
  return { element, body };
}

const allJobs = () => html`<a class="button" href="/jobs">All jobs</a>`;
