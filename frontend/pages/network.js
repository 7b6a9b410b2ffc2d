import { get } from "/static/api.js";
import { showNodes } from "/static/components/nodes.js";
import { html, replace } from "/static/html.js";
import { drawWhenChanged, every } from "/static/live.js";

export const title = "Network";

const NODES_EVERY_S = 3;

/** @param {Element} place */
export async function show(place, { signal }) {
  const nodes = html`<section aria-labelledby="nodes-title"></section>`;
  const draw = drawWhenChanged(nodes, (shown) => showNodes(nodes, shown));
  replace(place, html`<h1>Network</h1>`, nodes);
  const refresh = async () => {
    const told = await get("/api/nodes", { signal });
    draw(told.nodes.map((node) => ({ ...node, last_seen: 0 })));
  };
  await every(NODES_EVERY_S, refresh, signal);
}
