import { get } from "/static/api.js";
import { confirmDialog } from "/static/components/dialog.js";
import { empty } from "/static/components/empty.js";
import { problem } from "/static/components/problem.js";
import { html, replace, short, table } from "/static/html.js";
import { contract } from "/static/wallet/contracts.js";
import { showTransaction, Transaction } from "/static/wallet/transactions.js";

const STATES = {
  named: ["warn", "may still contest"],
  contested: ["bad", "contested: waits for the arbiter"],
  guilty: ["bad", "found guilty"],
  acquitted: ["good", "acquitted"],
  slashed: ["bad", "slashed"],
};

/** Accusations that are not carried out yet; the arbiter decides those that are contested. @param {object[]} cases */
export function accusations(cases) {
  if (cases.length === 0) return empty("No accusation waits for a decision.");
  return cases.map(({ job_id: job, accused, bundles }) => {
    const rows = accused.map(({ culprit, name, state }) => [
      html`<a href="/nodes/${culprit}">${name ?? short(culprit)}</a>`,
      html`<span class="badge ${STATES[state]?.[0]}">${STATES[state]?.[1] ?? state}</span>`,
      evidence(job, culprit, bundles),
      state === "contested" ? decide(job, culprit, name) : "",
    ]);
    const caption = `Job ${job.slice(0, 10)}…`;
    return html`<article class="card">
      <h3><a href="/jobs/${job}">Job ${short(job)}</a></h3>
      ${table({ caption, head: ["Accused", "State", "Evidence", "Decision"], rows })}
      <p class="note">
        Replay the evidence before you decide: <code>ecodml verify evidence-CULPRIT.tar</code> shows by itself
        whether the segment was trained as claimed.
      </p>
    </article>`;
  });
}

function evidence(job, culprit, bundles) {
  if (!bundles.some((bundle) => bundle.culprit === culprit)) return "none kept";
  const place = html`<span></span>`;
  const fetchBundle = async () => {
    try {
      const told = await get(`/api/jobs/${job}/evidence`);
      location.assign(told.bundles.find((bundle) => bundle.culprit === culprit).url);
    } catch (refusal) {
      replace(place, problem(refusal));
    }
  };
  replace(place, html`<button type="button" @click=${fetchBundle}>Download</button>`);
  return place;
}

function decide(job, culprit, name) {
  const place = html`<span class="row"></span>`;
  const verdict = (guilty) => async () => {
    const who = name ?? culprit;
    const sure = await confirmDialog({
      title: guilty ? `Find ${who} guilty?` : `Acquit ${who}?`,
      text: guilty
        ? "Its whole deposit goes to the job's honest trainers and it is banned for life. This cannot be taken back."
        : "Its deposit is freed. This cannot be taken back.",
      confirm: guilty ? "Guilty" : "Acquit",
      danger: guilty,
    });
    if (!sure) return;
    const key = `arbitrate:${job}:${culprit}`;
    const tx = new Transaction({ key, label: guilty ? "Find guilty" : "Acquit", chain: "market" });
    replace(place, showTransaction(tx));
    await tx.run(async () => (await contract("JobEscrow")).arbitrate(job, culprit, guilty));
  };
  replace(
    place,
    html`<button type="button" class="danger" @click=${verdict(true)}>Guilty</button>`,
    html`<button type="button" @click=${verdict(false)}>Acquit</button>`,
  );
  return place;
}
