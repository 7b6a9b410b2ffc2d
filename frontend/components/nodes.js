import { coins } from "/static/units.js";
import { element, short, table } from "/static/dom.js";

const HEAD = [
  "Name",
  "State",
  "Role",
  "Rating",
  "Baseline",
  "Deposit",
  "Zone",
  "Own sun and wind",
  "Framework",
  "Provider",
];

/** @param {HTMLElement} place @param {object[]} nodes */
export function showNodes(place, nodes) {
  const online = nodes.filter((node) => node.online).length;
  const rows = nodes.map((node) => [
    node.name,
    stateOf(node),
    node.role ?? node.roles.join(", "),
    `${node.rating_bps / 100} %`,
    baselineOf(node),
    coins(node.deposit_wei, "native coin"),
    node.zone || "–",
    supplyOf(node.forecast?.supply),
    node.framework || "–",
    short(node.provider),
  ]);
  place.replaceChildren(
    element("h2", { id: "nodes-title" }, "Nodes"),
    nodes.length
      ? table(`${online} of ${nodes.length} nodes are online`, HEAD, rows)
      : element("p", {}, "No node has registered yet."),
  );
}

/** Half of the rating: what the benchmark showed. */
function baselineOf(node) {
  if (!node.baseline?.benchmark) return "–";
  const { joules, seconds } = node.baseline.measured;
  return `${node.baseline.bps / 100} % (${seconds.toFixed(1)} s, ${joules.toFixed(1)} J)`;
}

/** What the node says that its site gives in this hour, and which forecast says so: a claim, so nothing in it is relied on. */
function supplyOf(supply) {
  const watts = supply?.watts?.[Math.floor(Date.now() / 3_600_000) - supply.from_hour];
  if (!Number.isFinite(watts)) return "–";
  return `${watts} W ±${Math.round(supply.band_ppm / 10_000)} %, ${supply.kind}; ${supply.method}`;
}

function stateOf(node) {
  if (node.state !== "Active") return node.state;
  if (node.frozen) return "Accused, frozen";
  if (!node.online) return "Offline";
  return node.assigned_jobs > 0 ? "Working" : "Online";
}
