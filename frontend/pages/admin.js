import { get } from "/static/api.js";
import { accusations } from "/static/components/admin/accusations.js";
import { alerts } from "/static/components/admin/alerts.js";
import { troubled } from "/static/components/admin/effects.js";
import { health } from "/static/components/admin/health.js";
import { queue, stuck } from "/static/components/admin/queue.js";
import { problem } from "/static/components/problem.js";
import { html, replace } from "/static/html.js";
import { drawWhenChanged, every } from "/static/live.js";
import { session } from "/static/session.js";

export const title = "Admin";

const EVERY_S = 4;
const PARTS = [
  ["alerts", "Alerts", (told) => alerts(told.alerts)],
  ["health", "Health", (told) => health(told.health)],
  ["queue", "Queue", (told) => queue(told.queue, told.counts)],
  ["stuck", "Stuck tickets", (told) => stuck(told.stuck)],
  ["effects", "Effects that do not go through", (told, again) => troubled(told.effects, again)],
  ["accusations", "Arbitration", (told) => accusations(told.accusations)],
];

/** Health, queue, what is stuck, alerts and arbitration; for the escrow's arbiter and admin. @param {Element} place */
export async function show(place, { signal }) {
  await session.ready;
  replace(place, html`<h1>Admin</h1>`);
  if (!session.user) {
    const forward = html`<a class="button primary" href="/sign-in?then=/admin">Sign in</a>`;
    const refusal = { code: "auth.required", message: "This page is for the market's arbiter and admin." };
    place.append(problem(refusal, { forward }));
    return;
  }
  const sections = PARTS.map(([id, name, draw]) => {
    const body = html`<div></div>`;
    place.append(
      html`<section aria-labelledby="${id}-title">
        <h2 id="${id}-title">${name}</h2>
        ${body}
      </section>`,
    );
    return drawWhenChanged(body, (shown) => replace(body, draw(shown, refresh)));
  });
  const slices = [
    ({ alerts }) => ({ alerts }),
    ({ health }) => ({ health: withoutSeconds(health) }),
    ({ queue, counts }) => ({ queue, counts }),
    ({ stuck }) => ({ stuck }),
    ({ effects }) => ({ effects }),
    ({ accusations }) => ({ accusations: withoutUrls(accusations) }),
  ];
  async function refresh() {
    const told = await get("/api/admin/overview", { signal });
    sections.forEach((draw, index) => draw({ ...slices[index](told) }));
  }
  await every(EVERY_S, refresh, signal);
}

/** A part's last sign of life changes with every look; whether it is well does not. */
function withoutSeconds(parts) {
  return Object.fromEntries(Object.entries(parts).map(([name, { ok, detail }]) => [name, { ok, detail }]));
}

/** Links are signed anew with every look: bundles are fetched by the job's evidence address instead. */
function withoutUrls(cases) {
  return cases.map(({ bundles, ...rest }) => ({
    ...rest,
    bundles: bundles.map(({ url: _, ...facts }) => facts),
  }));
}
