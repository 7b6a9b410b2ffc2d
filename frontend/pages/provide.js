import { get } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { config } from "/static/config.js";
import { dashboard } from "/static/components/provider/dashboard.js";
import { join } from "/static/components/provider/join.js";
import { html, replace, styles } from "/static/html.js";
import { every } from "/static/live.js";
import { session } from "/static/session.js";
import { requireWallet } from "/static/wallet/connect-panel.js";

export const title = "Provide";

const LOOK_EVERY_S = 3;

/**
 * A provider's page: joining for a wallet without a node, the dashboard for one with.
 * @param {Element} place
 */
export async function show(place, { signal }) {
  await Promise.all([styles("provider"), session.ready]);
  const body = html`<div></div>`;
  replace(place, html`<h1>Provide computing</h1>`, body);
  let leaving = new AbortController();
  let shownFor;
  const trouble = (error) => {
    const again = () => ((shownFor = undefined), draw());
    if (error.name !== "AbortError") replace(body, problem(error, { again }));
  };
  const draw = async () => {
    const provider = session.user?.address ?? null;
    if (provider === shownFor) return;
    shownFor = provider;
    leaving.abort();
    leaving = new AbortController();
    const inner = AbortSignal.any([signal, leaving.signal]);
    if (provider === null) replace(body, ...welcome(inner));
    else await area(body, provider, inner).catch(trouble);
  };
  session.addEventListener("change", draw, { signal });
  await draw();
}

function welcome(signal) {
  return [
    html`<p>
      Put a machine to work: pay a deposit that you get back, run one command, and be paid for each job by
      what its work is worth. The wallet you sign in with pays the deposit and receives the earnings; its key
      stays in the wallet.
    </p>`,
    requireWallet({ signal }),
  ];
}

async function area(body, provider, signal) {
  replace(body, busy("Looking for your node …"));
  const coin = (await config()).market.coin ?? "coins";
  const shown = { what: null, update: null };
  let leaving = new AbortController();
  const changed = () => refresh().catch(() => {});
  const become = async (what, own) => {
    shown.what = what;
    leaving.abort();
    leaving = new AbortController();
    const about = {
      provider,
      coin,
      changed,
      purse: own.purse,
      signal: AbortSignal.any([signal, leaving.signal]),
    };
    const place = html`<div></div>`;
    replace(body, place);
    shown.update = what === "node" ? dashboard(place, about) : null;
    if (what === "join") await join(place, about);
  };
  const refresh = async () => {
    const told = await look(provider, signal);
    const what = told.own.purse.state === "None" ? "join" : told.node ? "node" : "mirroring";
    if (what !== shown.what) {
      if (what === "mirroring") replace(body, busy("Registered; waiting until the market has seen it …"));
      shown.what = what;
      if (what !== "mirroring") await become(what, told.own);
    }
    shown.update?.(told);
  };
  await every(LOOK_EVERY_S, refresh, signal);
}

/** All that is shown of a provider; `node` is null before the market has seen it. */
async function look(provider, signal) {
  const own = await get("/api/provider", { signal });
  if (own.purse.state === "None" || !own.known) return { own, node: null };
  const [node, { ratings }, credits] = await Promise.all([
    get(`/api/nodes/${provider}`, { signal }),
    get(`/api/nodes/${provider}/ratings`, { signal }),
    get(`/api/credits?account=${provider}`, { signal }).catch(() => null),
  ]);
  return { own, node, ratings, credits };
}
