import { get } from "/static/api.js";
import { nodeView } from "/static/components/provider/node-view.js";
import { config } from "/static/config.js";
import { html, replace, styles } from "/static/html.js";
import { every } from "/static/live.js";

export const title = "Node";

const LOOK_EVERY_S = 3;

/**
 * What anybody may see of a node.
 * @param {Element} place
 */
export async function show(place, { params, signal }) {
  await styles("provider");
  const provider = encodeURIComponent(params.provider);
  const coin = (await config()).market.coin ?? "coins";
  const name = html`<h1>Node</h1>`;
  const view = nodeView({ coin, signal });
  const refresh = async () => {
    const [node, { ratings }] = await Promise.all([
      get(`/api/nodes/${provider}`, { signal }),
      get(`/api/nodes/${provider}/ratings`, { signal }),
    ]);
    if (!name.isConnected) replace(place, name, view.facts, view.jobs, view.rating, view.energy);
    name.textContent = node.node.name || "A node that has left";
    view.update({ node, ratings });
  };
  await every(LOOK_EVERY_S, refresh, signal);
}
