import { get } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { empty } from "/static/components/empty.js";
import { problem } from "/static/components/problem.js";
import { jobTable } from "/static/components/public/job-table.js";
import { html, replace, styles } from "/static/html.js";
import { every } from "/static/live.js";
import { navigate } from "/static/router.js";

export const title = "Jobs";

const EVERY_S = 5;
const FATES = [
  [null, "All"],
  ["settled", "Settled"],
  ["refunded", "Refunded"],
  ["open", "Open"],
];

/** @param {Element} place */
export async function show(place, { query, signal }) {
  await styles("public");
  place.classList.add("public");
  const status = query.get("status");
  const wanted = query.get("find")?.trim() ?? null;
  const found = html`<div>${busy("Looking up jobs …")}</div>`;
  replace(
    place,
    html`<h1>Jobs</h1>`,
    html`<p>
      Every job that was paid for, as the chains tell of it. What a customer’s file is called or holds is not
      among that.
    </p>`,
    search(wanted),
    wanted === null ? choices(status) : null,
    found,
  );
  if (wanted === null) await listed(found, status, signal);
  else await searched(found, wanted, signal);
}

function search(wanted) {
  const go = (event) => {
    event.preventDefault();
    const word = new FormData(event.target).get("find").trim();
    navigate(word ? `/jobs?find=${encodeURIComponent(word)}` : "/jobs");
  };
  return html`<form class="search" role="search" @submit=${go}>
    <label for="find">Find a job</label>
    <div class="row">
      <input
        id="find"
        name="find"
        class="hash"
        value=${wanted ?? ""}
        placeholder="0x…"
        autocomplete="off"
        spellcheck="false"
        aria-describedby="find-help"
      />
      <button>Find</button>
    </div>
    <small id="find-help"
      >By job id, reference, or the hash of its dataset, specification or a transaction.</small
    >
  </form>`;
}

function choices(status) {
  return html`<nav class="choices row" aria-label="Which jobs">
    ${FATES.map(
      ([fate, text]) =>
        html`<a
          class="button"
          href=${fate ? `/jobs?status=${fate}` : "/jobs"}
          aria-current=${fate === status ? "true" : null}
          >${text}</a
        >`,
    )}
  </nav>`;
}

async function listed(place, status, signal) {
  const table = jobTable({ caption: "Jobs, the newest first" });
  const query = status ? `&status=${encodeURIComponent(status)}` : "";
  const older = [];
  const more = html`<button type="button" @click=${next}>Show older jobs</button>`;
  const trouble = html`<div></div>`;
  let newest = [];
  let [isDrawn, hasMore] = [false, false];

  await every(
    EVERY_S,
    async () => {
      const told = await get(`/api/jobs?${query}`, { signal });
      newest = told.jobs;
      if (older.length === 0) hasMore = told.more;
      draw();
    },
    signal,
  );

  function draw() {
    // What moved from the newest page on while older ones were shown is in both.
    const rows = new Map([...older, ...newest].map((job) => [job.job_id, job]));
    if (rows.size === 0) {
      replace(place, none(status));
      isDrawn = false;
      return;
    }
    table.show([...rows.values()]);
    if (!isDrawn) replace(place, table.element, more, trouble);
    isDrawn = true;
    more.hidden = !hasMore;
  }

  async function next() {
    more.disabled = true;
    replace(trouble);
    const last = (older.length ? older : newest).at(-1).job_id;
    try {
      const told = await get(`/api/jobs?before=${last}${query}`, { signal });
      older.push(...(older.length ? [] : newest), ...told.jobs);
      hasMore = told.more;
      draw();
    } catch (refusal) {
      if (!signal.aborted) replace(trouble, problem(refusal, { again: next }));
    }
    more.disabled = false;
  }
}

async function searched(place, wanted, signal) {
  try {
    const { jobs } = await get(`/api/jobs?find=${encodeURIComponent(wanted)}`, { signal });
    if (jobs.length === 1) {
      await navigate(`/jobs/${jobs[0].job_id}`, { replace: true });
      return;
    }
    if (jobs.length === 0) {
      replace(
        place,
        empty("No job is known by this hash.", html`<a class="button" href="/jobs">All jobs</a>`),
      );
      return;
    }
    const table = jobTable({ caption: "Jobs found" });
    table.show(jobs);
    replace(place, table.element);
  } catch (refusal) {
    if (signal.aborted) return;
    replace(place, problem(refusal, { forward: html`<a class="button" href="/jobs">All jobs</a>` }));
  }
}

function none(status) {
  const train = html`<a class="button" href="/train">Train a model</a>`;
  return status ? empty(`No job is ${status}.`) : empty("Nobody has paid for a job yet.", train);
}
