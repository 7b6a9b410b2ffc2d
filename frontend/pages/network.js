import { get } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { empty } from "/static/components/empty.js";
import { creditNote } from "/static/components/public/credit-note.js";
import { epochTable } from "/static/components/public/epoch-table.js";
import { figures } from "/static/components/public/figures.js";
import { jobTable } from "/static/components/public/job-table.js";
import { nodeRow, nodeTable } from "/static/components/public/node-table.js";
import { age } from "/static/components/public/words.js";
import { html, replace, styles } from "/static/html.js";
import { drawWhenChanged, every } from "/static/live.js";

export const title = "Network";

const EVERY_S = 5;
const INTENSITY_GOOD_FOR_MS = 300_000;
const NEWEST_JOBS = 6;

/** @param {Element} place */
export async function show(place, { signal }) {
  await styles("public");
  place.classList.add("public");
  const parts = {
    figures: html`<div>${busy("Adding up …")}</div>`,
    age: html`<p class="note"></p>`,
    nodes: list(nodeTable(), () =>
      empty("No node has registered yet.", html`<a class="button" href="/provide">Provide the first one</a>`),
    ),
    jobs: list(jobTable({ caption: "Newest jobs", brief: true }), () =>
      empty(
        "Nobody has paid for a job yet.",
        html`<a class="button" href="/train">Train the first model</a>`,
      ),
    ),
    epochs: list(epochTable({ caption: "Newest epochs", brief: true }), () =>
      empty("No epoch was sealed yet: the first follows the first job that ends with a verdict."),
    ),
  };
  const draw = drawWhenChanged(parts.figures, (network) => replace(parts.figures, figures(network)));
  replace(
    place,
    entrance(),
    html`<section aria-labelledby="figures-title">
      <h2 id="figures-title">In figures</h2>
      ${parts.figures}${parts.age}
    </section>`,
    html`<section aria-labelledby="nodes-title">
      <h2 id="nodes-title">Nodes</h2>
      ${parts.nodes.element}
      <p class="note">Own sun and wind are what a node’s owner says; nothing is paid or credited by it.</p>
    </section>`,
    html`<div class="grid wide">
      <section class="card" aria-labelledby="jobs-title">
        <h2 id="jobs-title">Jobs</h2>
        ${parts.jobs.element}
        <p><a href="/jobs">All jobs</a></p>
      </section>
      <section class="card" aria-labelledby="epochs-title">
        <h2 id="epochs-title">Energy ledger</h2>
        ${parts.epochs.element}
        <p><a href="/ledger">All epochs</a></p>
      </section>
    </div>`,
    html`<section class="card" aria-labelledby="avoided-title">
      <h2 id="avoided-title">What “carbon avoided” says</h2>
      ${creditNote()}
      <p><a href="/credits">Credits and their retirement</a></p>
    </section>`,
  );
  const intensities = zoneIntensities(signal);
  await every(EVERY_S, refresh, signal);

  async function refresh() {
    const [network, { nodes }, { jobs }] = await Promise.all([
      get("/api/network", { signal }),
      get("/api/nodes", { signal }),
      get("/api/jobs", { signal }),
    ]);
    const {
      age_seconds: seconds,
      carbon_age_seconds: carbonSeconds,
      ledger,
      eco_by_node: scores,
      ...shown
    } = network;
    draw(shown);
    parts.age.textContent = `Counted ${age(seconds)}; what the carbon chain says was read ${age(carbonSeconds)}.`;
    const shownNodes = nodes.filter((node) => node.state !== "None" || node.online);
    const zones = await intensities(shownNodes.map((node) => node.zone));
    parts.nodes.show(shownNodes.map((node) => nodeRow(node, zones, scores)));
    parts.jobs.show(jobs.slice(0, NEWEST_JOBS));
    parts.epochs.show(ledger?.epochs ?? []);
  }
}

function entrance() {
  return html`<section class="entrance">
    <h1>Training that is checked before it is paid, with its energy accounted for</h1>
    <p>
      EcoDML is a market for federated training: customers pay for a model, independent nodes train it,
      validators re-run parts of the work, and only a verdict that a quorum signed moves money.
    </p>
    <p class="ways">
      <a class="button primary" href="/train">Train a model</a>
      <a class="button" href="/provide">Provide a node</a>
    </p>
  </section>`;
}

/** A table, or what stands there while it has no rows. */
function list(table, none) {
  const element = html`<div>${busy("Loading …")}</div>`;
  let isEmpty = null;
  return {
    element,
    show(rows) {
      table.show(rows);
      if (isEmpty === (rows.length === 0)) return;
      isEmpty = rows.length === 0;
      replace(element, isEmpty ? none() : table.element);
    },
  };
}

/** What the zones' grids emit in this hour, asked for now and then; a zone nobody answers for is left out. */
function zoneIntensities(signal) {
  const kept = new Map();
  return async (zones) => {
    const wanted = [...new Set(zones)].filter(Boolean);
    await Promise.all(
      wanted.map(async (zone) => {
        if (Date.now() - (kept.get(zone)?.at ?? 0) < INTENSITY_GOOD_FOR_MS) return;
        kept.set(zone, { ...kept.get(zone), at: Date.now() });
        const told = await get(`/api/intensity/${encodeURIComponent(zone)}?hours=1`, { signal }).catch(
          () => null,
        );
        if (told?.known) kept.set(zone, { at: Date.now(), now: told.now });
      }),
    );
    return Object.fromEntries(wanted.map((zone) => [zone, kept.get(zone)?.now ?? null]));
  };
}
