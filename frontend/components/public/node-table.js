import { sortableTable } from "/static/components/sortable-table.js";
import { html } from "/static/html.js";
import { count, percent } from "/static/units.js";
import { known } from "./words.js";

const STATES = ["Working", "Online", "Offline", "Accused", "Exiting", "Banned", "None"];
const LOOKS = { Working: "good", Online: "good", Accused: "warn", Banned: "bad" };

/** The network's nodes, to be sorted. @returns {{element: Element, show: (rows: object[]) => void}} */
export function nodeTable() {
  return sortableTable({
    caption: "All nodes, to be sorted",
    quiet: true,
    key: (node) => node.provider,
    sort: { column: 1 },
    columns: [
      {
        text: "Name",
        value: (node) => node.name,
        cell: (node) => html`<a href="/nodes/${node.provider}" title=${node.provider}>${node.name}</a>`,
      },
      { text: "State", value: (node) => STATES.indexOf(node.state), cell: (node) => state(node.state) },
      { text: "Role", value: (node) => node.role, cell: (node) => node.role },
      {
        text: "Rating",
        numeric: true,
        value: (node) => node.rating_bps,
        cell: (node) => percent(node.rating_bps / 10_000, 1),
      },
      { text: "Zone", value: (node) => node.zone || null, cell: (node) => node.zone || "–" },
      {
        text: "Grid now",
        numeric: true,
        value: (node) => node.intensity?.mg_per_kwh ?? null,
        cell: (node) => known(node.intensity, grid),
      },
      {
        text: "Own sun and wind",
        numeric: true,
        value: (node) => node.supply?.watts ?? null,
        cell: (node) => known(node.supply, supply),
      },
      {
        text: "Eco Score",
        numeric: true,
        value: (node) => node.eco,
        cell: (node) => known(node.eco, (score) => score.toFixed(1)),
      },
      {
        text: "Jobs paid",
        numeric: true,
        value: (node) => node.jobs,
        cell: (node) => count(node.jobs),
      },
    ],
  });
}

/**
 * What the table shows of a node.
 * @param {object} node NODE of the API @param {Record<string, object>} intensities the present hour's, by zone
 * @param {Record<string, number>} scores Eco Scores by provider
 */
export function nodeRow(node, intensities, scores) {
  return {
    provider: node.provider,
    name: node.name,
    state: stateOf(node),
    role: node.role ?? node.roles.join(", "),
    rating_bps: node.rating_bps,
    zone: node.zone,
    intensity: intensities[node.zone] ?? null,
    supply: supplyNow(node.forecast?.supply),
    eco: scores[node.provider] ?? null,
    jobs: node.finished_jobs,
  };
}

function stateOf(node) {
  if (node.state !== "Active") return node.state;
  if (node.frozen) return "Accused";
  if (!node.online) return "Offline";
  return node.assigned_jobs > 0 ? "Working" : "Online";
}

/** What a node says that its site gives in this hour: a claim, nothing is paid by it. */
function supplyNow(claim) {
  const watts = claim?.watts?.[Math.floor(Date.now() / 3_600_000) - claim.from_hour];
  return Number.isFinite(watts) ? { watts, band_ppm: claim.band_ppm, kind: claim.kind } : null;
}

const state = (name) => html`<span class="badge ${LOOKS[name] ?? ""}">${name}</span>`;

const grid = ({ mg_per_kwh: mg, resolution, dated, source }) =>
  html`<span title="${resolution}, ${dated}, ${source}">${(mg / 1000).toFixed(0)} gCO₂e/kWh</span>`;

const supply = ({ watts, band_ppm: off, kind }) =>
  html`<span title="a claim of its owner, ${kind}; counts for nothing"
    >${watts} W ± ${Math.round(off / 10_000)} %</span
  >`;
