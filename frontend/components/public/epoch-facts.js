import { html, short, time } from "/static/html.js";
import { bytes, co2, count, joules } from "/static/units.js";
import { finality } from "./epoch-table.js";
import { facts, jobLink, shareOf } from "./words.js";

/** One epoch of the energy ledger. @param {object} epoch EPOCH of the API with `jobs`, `signed` and `papers` */
export function epochFacts(epoch) {
  const { index, papers, jobs, signed } = epoch;
  return html`<div class="card">
    <h2>Epoch ${count(index)} ${finality(epoch)}</h2>
    ${facts([
      ["Sealed", time(epoch.sealed_at)],
      ["Readings", count(epoch.readings)],
      ["Energy", joules(epoch.millijoules)],
      ["Emitted", co2(epoch.micrograms)],
      ["Proposed by", short(epoch.proposer)],
      ["Signed by", signed ? signers(signed) : "not known here"],
      [
        "Epoch before",
        index > 0 ? html`<a href="/ledger?epoch=${index - 1}">${count(index - 1)}</a>` : "none",
      ],
      ["Hash of the epoch before", short(epoch.prev_hash)],
      ["Root of readings", short(epoch.readings_root)],
      ["Root of claims", short(epoch.claims_root)],
      ["Root of jobs", short(epoch.jobs_root)],
      ["Root of ratings", short(epoch.rating_root)],
      ["Checkpoint of stake", count(epoch.checkpoint)],
    ])}
    ${
      jobs?.length
        ? html`<h3>Jobs in it</h3>
            <ul class="plain">
              ${jobs.map(
                (job) =>
                  html`<li>
                    ${jobLink(job.job)} ${count(job.readings)} readings, ${joules(job.millijoules)},
                    ${co2(job.micrograms)}
                  </li>`,
              )}
            </ul>`
        : null
    }
    <h3>Papers</h3>
    ${
      papers
        ? html`<p>
            <a href=${papers.url} download>All readings, claims and ratings under these roots</a>, with the
            commitments they follow from (JSON, ${bytes(papers.size)}), SHA-256 ${short(papers.sha256)}
          </p>`
        : html`<p>The papers of this epoch are not kept here.</p>`
    }
  </div>`;
}

function signers({ keys, weight, total_weight: total }) {
  const share = shareOf(weight, total);
  return `${keys} key${keys === 1 ? "" : "s"} with ${share} of the checkpoint’s stake × rating; it takes two thirds`;
}
