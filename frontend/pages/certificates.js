import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { chainCheck } from "/static/components/public/chain-check.js";
import { whenReady } from "/static/components/public/job-audit.js";
import { facts, jobLink } from "/static/components/public/words.js";
import { config } from "/static/config.js";
import { html, replace, short, styles, time } from "/static/html.js";
import { navigate } from "/static/router.js";
import { co2, count } from "/static/units.js";

export const title = "Check a certificate";

/** @param {Element} place */
export async function show(place, { query, signal }) {
  await styles("public");
  place.classList.add("public");
  const job = query.get("job")?.trim() ?? "";
  const found = html`<div aria-live="polite"></div>`;
  replace(
    place,
    html`<h1>Check a green certificate</h1>`,
    html`<p>
      A green certificate is a zero-knowledge proof on the carbon chain: the readings of a job that the energy
      ledger’s quorum signed, times the grids’ factors, come to no more than the bound that it names.
    </p>`,
    asked(job),
    found,
    honesty(),
  );
  if (job) await check(found, job, signal);
}

function asked(job) {
  const go = (event) => {
    event.preventDefault();
    const wanted = new FormData(event.target).get("job").trim();
    navigate(wanted ? `/certificates?job=${encodeURIComponent(wanted)}` : "/certificates");
  };
  return html`<form class="search" @submit=${go}>
    <label for="job">Job id</label>
    <div class="row">
      <input
        id="job"
        name="job"
        class="hash"
        value=${job}
        placeholder="0x…"
        autocomplete="off"
        spellcheck="false"
        required
      />
      <button class="primary">Check</button>
    </div>
  </form>`;
}

async function check(place, job, signal) {
  replace(place, busy("Asking the carbon chain …"));
  try {
    const told = await whenReady(`/api/certificates/${encodeURIComponent(job)}/check`, signal);
    const own = (await config()).carbon ? chainCheck(told.job_id, signal) : null;
    replace(place, certificate(told), own);
  } catch (refusal) {
    if (signal.aborted) return;
    const jobs = html`<a class="button" href="/jobs">Find the job</a>`;
    replace(place, problem(refusal, { forward: jobs }));
  }
}

function certificate(told) {
  const { verified, checks, bound_micrograms: bound, of, epoch } = told;
  return html`<section class="card" aria-labelledby="checks-title">
    <h2 id="checks-title">What this server finds on the chain</h2>
    ${
      verified
        ? html`<div class="done"><p>The certificate holds: the job emitted at most ${co2(bound)}.</p></div>`
        : html`<div class="problem"><p>The certificate does not hold: something below is not so.</p></div>`
    }
    ${facts([
      ["Job", jobLink(told.job_id)],
      ["Bound", `${co2(bound)}${of ? `, its ${of}` : ""}`],
      ["Epoch of the ledger", html`<a href="/ledger?epoch=${epoch}">${count(epoch)}</a>`],
      ["Circuit", `for ${count(told.size)} readings`],
      ["Certified", time(told.certified_at)],
      ["Transaction", short(told.tx)],
    ])}
    <ul class="checks">
      ${checks.map(oneCheck)}
    </ul>
  </section>`;
}

/** A thing that must be so, and whether it is. @param {{what: string, ok: boolean}} check */
function oneCheck({ what, ok }) {
  return html`<li class="check" data-outcome=${ok ? "ok" : "failed"}>
    <span class="badge ${ok ? "good" : "bad"}">${ok ? "✓ Holds" : "✗ Does not hold"}</span>
    <p>${what[0].toUpperCase() + what.slice(1)}.</p>
  </li>`;
}

function honesty() {
  return html`<section class="card" aria-labelledby="honesty-title">
    <h2 id="honesty-title">What it proves, and what it does not</h2>
    <div class="grid">
      <div>
        <h3>It proves</h3>
        <ul>
          <li>
            arithmetic: energy from the grid × factor over all of the job’s readings stays under the bound,
            exactly;
          </li>
          <li>that these are the readings which two thirds of the stake signed into a final epoch;</li>
          <li>that they are this job’s.</li>
        </ul>
      </div>
      <div>
        <h3>It does not prove</h3>
        <ul>
          <li>honest metering: a reading that was measured or modelled wrongly is summed up as it stands;</li>
          <li>that the factors are right: only that the published ones are those that were used;</li>
          <li>that less could not have been emitted, or that anything was offset.</li>
        </ul>
      </div>
    </div>
    <p class="note">
      Whoever made the circuits’ keys could forge proofs, unless several made them: keys that a local stack
      makes for itself are “local ceremony, one machine”. <code>ecodml certificate verify JOB</code> makes the
      same checks against a node of the chain that you name.
    </p>
  </section>`;
}
