import { get } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { empty } from "/static/components/empty.js";
import { problem } from "/static/components/problem.js";
import { epochFacts } from "/static/components/public/epoch-facts.js";
import { epochTable } from "/static/components/public/epoch-table.js";
import { html, replace, styles } from "/static/html.js";
import { drawWhenChanged, every } from "/static/live.js";

export const title = "Energy ledger";

const EVERY_S = 10;

/** @param {Element} place */
export async function show(place, { query, signal }) {
  await styles("public");
  place.classList.add("public");
  const chosen = query.get("epoch");
  const one =
    chosen === null ? null : html`<section aria-live="polite">${busy("Looking up the epoch …")}</section>`;
  const list = html`<div>${busy("Looking up epochs …")}</div>`;
  replace(
    place,
    html`<h1>Energy ledger</h1>`,
    html`<p>
      Readings of finished jobs are sealed on the carbon chain, epoch by epoch. Each epoch names the hash of
      the one before and was signed by nodes that hold two thirds of the stake; each of them signs only what
      it and the others reported. Until its time to be challenged is over, nothing is built on an epoch.
    </p>`,
    one,
    html`<section aria-labelledby="epochs-title">
      <h2 id="epochs-title">Epochs</h2>
      ${list}
    </section>`,
    html`<section class="card" aria-labelledby="check-title">
      <h2 id="check-title">Check it yourself</h2>
      <p>
        <code>ecodml ledger audit</code> reads all of it from both chains: hashes, sums, signatures,
        proposers, stakes and papers. <code>ecodml ledger prove JOB</code> gives the proof that a job’s
        readings stand in it.
      </p>
    </section>`,
  );
  if (one) await shown(one, chosen, signal);
  await listed(list, signal);
}

async function shown(place, index, signal) {
  try {
    const { epoch } = await get(`/api/ledger/epochs/${encodeURIComponent(index)}`, { signal });
    replace(place, epochFacts(epoch));
  } catch (refusal) {
    if (signal.aborted) throw refusal;
    replace(place, problem(refusal));
  }
}

async function listed(place, signal) {
  const table = epochTable({ caption: "Epochs, the newest first" });
  const older = [];
  const trouble = html`<div></div>`;
  const more = html`<button type="button" @click=${next}>Show older epochs</button>`;
  let newest = [];
  const draw = drawWhenChanged(place, (rows) => {
    if (rows.length === 0)
      replace(
        place,
        empty("No epoch was sealed yet: the first follows the first job that ends with a verdict."),
      );
    else if (!place.contains(table.element)) replace(place, table.element, more, trouble);
  });
  const redraw = () => {
    const rows = [...new Map([...older, ...newest].map((epoch) => [epoch.index, epoch])).values()];
    table.show(rows);
    more.hidden = Math.min(...rows.map(({ index }) => index)) <= 0 || rows.length === 0;
    draw(rows);
  };
  await every(
    EVERY_S,
    async () => {
      newest = (await get("/api/ledger/epochs", { signal })).epochs;
      redraw();
    },
    signal,
  );

  async function next() {
    more.disabled = true;
    replace(trouble);
    const last = Math.min(...[...older, ...newest].map(({ index }) => index));
    try {
      older.push(...(await get(`/api/ledger/epochs?before=${last}`, { signal })).epochs);
      redraw();
    } catch (refusal) {
      if (!signal.aborted) replace(trouble, problem(refusal, { again: next }));
    }
    more.disabled = false;
  }
}
