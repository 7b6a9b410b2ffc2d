import { get, Refusal } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { empty } from "/static/components/empty.js";
import { problem } from "/static/components/problem.js";
import { history } from "/static/components/ticket/history.js";
import { html, replace, styles } from "/static/html.js";
import { drawWhenChanged, every } from "/static/live.js";
import { session } from "/static/session.js";

export const title = "Tickets";

const ASK_EVERY_S = 5;
const LIST = "/api/tickets?view=short";

/** @param {Element} place */
export async function show(place, { signal }) {
  await Promise.all([styles("ticket"), session.ready]);
  const body = html`<div></div>`;
  replace(
    place,
    html`<div class="row ticket-head">
      <h1>Tickets</h1>
      <a class="button primary" href="/train">New training</a>
    </div>`,
    body,
  );
  const open = () => (session.user ? list(body, signal) : signInFirst(body, signal));
  session.addEventListener("change", open, { signal });
  await open();
}

async function signInFirst(body, signal) {
  const { connectPanel } = await import("/static/wallet/connect-panel.js");
  replace(
    body,
    html`<p>Your trainings are listed here once you are signed in.</p>`,
    connectPanel({ needsWallet: false, signal }),
  );
}

async function list(body, signal) {
  replace(body, busy("Looking your tickets up …"));
  /** @type {object[]} those beyond the newest page, as they were when they were asked for */
  let older = [];
  let newest = [];
  let next = null;
  const view = history();
  const draw = drawWhenChanged(body, ({ tickets, following }) => {
    if (tickets.length === 0) replace(body, nothing());
    else {
      view.update(tickets, following, more);
      if (view.element.parentElement !== body) replace(body, view.element);
    }
  });
  const tell = () => draw({ tickets: [...newest, ...older], following: next });
  const look = async () => {
    const said = await get(LIST, { signal });
    newest = said.tickets;
    const here = new Set(newest.map(({ id }) => id));
    older = older.filter(({ id }) => !here.has(id));
    if (older.length === 0) next = said.next;
    tell();
  };
  async function more() {
    const said = await get(`${LIST}&before=${encodeURIComponent(next)}`, { signal });
    older = [...older, ...said.tickets];
    next = said.next;
    tell();
  }
  try {
    await every(ASK_EVERY_S, look, signal);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    if (!signal.aborted) replace(body, problem(refusal, { again: () => list(body, signal) }));
  }
}

function nothing() {
  return empty(
    "No training yet. Choose a file, see what it costs, and pay only for work that was checked.",
    html`<a class="button primary" href="/train">Train a model</a>`,
  );
}
