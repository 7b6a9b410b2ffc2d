import { get } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { html, replace, short, time } from "/static/html.js";
import { bytes, co2, coins, joules, percent } from "/static/units.js";

/**
 * Trainings of the same recipe on the same data that others published: to be taken for nothing before anything is paid.
 * @param {object[]} published of POST /api/quotes @param {() => void} again train all the same
 * @returns {Element}
 */
export function publishedOffers(published, again) {
  return html`<section class="done" aria-labelledby="published-title" id="published">
    <h3 id="published-title">This was done already</h3>
    <p>
      ${published.length === 1 ? "Somebody has" : `${published.length} customers have`} trained the same model
      on exactly this dataset and published the result. You can take it for nothing; nothing has been paid.
    </p>
    <ul class="published">
      ${published.map(one)}
    </ul>
    <p class="ways"><button type="button" id="train-again" @click=${again}>Train again anyway</button></p>
  </section>`;
}

function one(offer) {
  const files = html`<div></div>`;
  const take = async (event) => {
    event.currentTarget.disabled = true;
    replace(files, busy("Asking for the files …"));
    replace(files, await linksOf(offer).catch((refusal) => problem(refusal)));
  };
  const accuracy = offer.metrics.accuracy;
  return html`<li>
    <dl class="facts">
      <dt>Test accuracy</dt>
      <dd>${typeof accuracy === "number" ? percent(accuracy) : "not told"}</dd>
      <dt>It took</dt>
      <dd>${joules(offer.millijoules)}, ${co2(offer.micrograms)}, ${coins(offer.fee_wei)}</dd>
      <dt>Settled</dt>
      <dd>${time(offer.settled_at)}</dd>
      <dt>Job</dt>
      <dd><a href="/jobs/${offer.job_id}">${offer.job_id.slice(0, 10)}…</a></dd>
    </dl>
    <p class="ways">
      <button type="button" class="primary take" @click=${take}>Take the result for nothing</button>
    </p>
    ${files}
  </li>`;
}

async function linksOf(offer) {
  const { files } = await get(`/api/published/${offer.job_id}/files`);
  const wrong = Object.entries(offer.files).find(([name, { sha256 }]) => files[name]?.sha256 !== sha256);
  if (wrong) {
    const message = `The network does not give ${wrong[0]} as it was offered; do not use it.`;
    return problem({ code: "published.files", message });
  }
  const line = ([name, { url, sha256, size }]) =>
    html`<li>
      <a href=${url} download=${name}>${name}</a> <small>${bytes(size)}, SHA-256 ${short(sha256)}</small>
    </li>`;
  return html`<ul class="files" aria-label="Files of the published result">
    ${Object.entries(files).map(line)}
  </ul>`;
}
