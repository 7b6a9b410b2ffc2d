import { get } from "/static/api.js";
import { accusations } from "/static/components/admin/accusations.js";
import { alerts } from "/static/components/admin/alerts.js";
import { troubled } from "/static/components/admin/effects.js";
import { health } from "/static/components/admin/health.js";
import { queue, stuck } from "/static/components/admin/queue.js";
import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { html, replace } from "/static/html.js";
import { drawWhenChanged, every } from "/static/live.js";
import { connectPanel } from "/static/wallet/connect-panel.js";

export const title = "Admin";

const EVERY_S = 4;
const PARTS = [
  { id: "alerts", name: "Alerts", slice: (told) => told.alerts, draw: alerts },
  { id: "health", name: "Health", slice: (told) => withoutSeconds(told.health), draw: health },
  { id: "queue", name: "Queue", slice: ({ queue, counts }) => ({ queue, counts }), draw: queue },
  { id: "stuck", name: "Stuck tickets", slice: (told) => told.stuck, draw: stuck },
  { id: "effects", name: "Transactions and letters", slice: (told) => told.effects, draw: troubled },
  { id: "cases", name: "Arbitration", slice: (told) => withoutUrls(told.accusations), draw: accusations },
];

/** Health, queue, what is stuck, alerts and arbitration; for the escrow's arbiter and admin. @param {Element} place */
export function show(place, { signal }) {
  let looking = new AbortController();
  signal.addEventListener("abort", () => looking.abort(), { once: true });
  const overview = () => {
    looking.abort();
    looking = new AbortController();
    return look(looking.signal);
  };
  replace(place, html`<h1>Admin</h1>`, connectPanel({ chain: "market", signal, then: overview }));
}

/** What the account that is signed in now may see. @param {AbortSignal} signal ends it */
function look(signal) {
  const place = html`<div></div>`;
  const bodies = PARTS.map(() => html`<div></div>`);
  const draws = PARTS.map(({ draw }, index) =>
    drawWhenChanged(bodies[index], (shown) => replace(bodies[index], draw(shown, refresh))),
  );
  async function refresh() {
    const told = await get("/api/admin/overview", { signal });
    if (!place.querySelector("section"))
      replace(
        place,
        PARTS.map(({ id, name }, i) => section(id, name, bodies[i])),
      );
    PARTS.forEach(({ slice }, index) => draws[index](slice(told)));
  }
  replace(place, busy("Looking at every part …"));
  every(EVERY_S, refresh, signal).catch((refusal) => signal.aborted || replace(place, problem(refusal)));
  return place;
}

function section(id, name, body) {
  return html`<section aria-labelledby="${id}-title">
    <h2 id="${id}-title">${name}</h2>
    ${body}
  </section>`;
}

/** A part's last sign of life changes with every look; whether it is well does not. */
function withoutSeconds(parts) {
  const still = ({ ok, detail, seen }) => ({
    ok,
    detail: seen && ok ? detail.replace(/\d+ s ago/, "moments ago") : detail,
  });
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, still(part)]));
}

/** Links are signed anew with every look: bundles are fetched by the job's evidence address instead. */
function withoutUrls(cases) {
  return cases.map(({ bundles, ...rest }) => ({
    ...rest,
    bundles: bundles.map(({ url: _, ...facts }) => facts),
  }));
}
