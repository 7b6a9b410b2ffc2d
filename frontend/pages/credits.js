import { get } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { empty } from "/static/components/empty.js";
import { creditNote } from "/static/components/public/credit-note.js";
import { retireForm } from "/static/components/public/retire-form.js";
import { retirementTable } from "/static/components/public/retirement-table.js";
import { html, replace, styles, table } from "/static/html.js";
import { drawWhenChanged, every } from "/static/live.js";
import { co2 } from "/static/units.js";
import { connectPanel } from "/static/wallet/connect-panel.js";
import { wallet } from "/static/wallet/wallet.js";

export const title = "Credits";

const EVERY_S = 6;

/** @param {Element} place */
export async function show(place, { signal }) {
  await styles("public");
  place.classList.add("public");
  const mine = html`<div aria-live="polite"></div>`;
  const retired = html`<div>${busy("Reading the carbon chain …")}</div>`;
  replace(
    place,
    html`<h1>Eco Credits</h1>`,
    creditNote(),
    html`<section class="card" aria-labelledby="mine-title">
      <h2 id="mine-title">Yours</h2>
      ${connectPanel({ needsSession: false, signal, then: () => mine })}
    </section>`,
    html`<section aria-labelledby="retired-title">
      <h2 id="retired-title">Retired</h2>
      <p>Credits that somebody used up, for ever. Each has its numbered certificate.</p>
      ${retired}
    </section>`,
  );
  const retirements = retirementTable({ caption: "Retirements, the newest first" });
  const form = retireForm({ signal, done: () => refresh() });
  const drawMine = drawWhenChanged(mine, (told) => replace(mine, holdings(told, form)));

  const refresh = async () => {
    const { account } = wallet;
    const [all, own] = await Promise.all([
      get("/api/credits", { signal }),
      account ? get(`/api/credits?account=${account}`, { signal }) : null,
    ]);
    retirements.show(all.certificates);
    if (all.certificates.length === 0) replace(retired, empty("Nobody has retired a credit yet."));
    else if (!retired.contains(retirements.element)) replace(retired, retirements.element);
    if (own && own.account === wallet.account) drawMine({ account, holdings: own.holdings });
  };
  wallet.addEventListener("change", () => refresh().catch(() => {}), { signal });
  await every(EVERY_S, refresh, signal);
}

function holdings({ account, holdings: held }, form) {
  form.offer(
    account,
    held.filter(({ held_ug: amount }) => amount > 0),
  );
  if (held.length === 0)
    return empty(
      "This account holds no credits. Nodes are issued some when their work emitted less than the baseline.",
      html`<a class="button" href="/provide">Provide a node</a>`,
    );
  return html`<div>
    ${table({
      caption: "Credits by zone and month",
      head: ["Zone", "Month", { text: "Held", numeric: true }, { text: "Ever issued to it", numeric: true }],
      rows: held.map((of) => [of.zone, of.vintage, co2(of.held_ug), co2(of.issued_ug)]),
    })}
    ${form.element}
  </div>`;
}
