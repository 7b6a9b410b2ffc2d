import { get } from "./api.js";
import { showNodes } from "./components/nodes.js";
import { showTicket } from "./components/ticket.js";
import { follow } from "./socket.js";
import { Store } from "./store.js";

const NODES_EVERY_MS = 3000;

const store = new Store();

/** Draws only when what it shows has changed, so that focus and selection survive. */
function onChange(shown, draw) {
  let last;
  store.addEventListener("change", () => {
    const now = JSON.stringify(shown(store.state));
    if (now !== last) draw(store.state);
    last = now;
  });
}

onChange(
  ({ ticket, ticketLink, problem }) => [ticket?.id, ticket?.version, ticketLink, problem],
  ({ ticket, ticketLink, problem }) =>
    showTicket(document.getElementById("ticket"), ticket, ticketLink, problem),
);
onChange(
  ({ nodes }) => nodes?.map((node) => ({ ...node, last_seen: 0 })),
  ({ nodes }) => nodes && showNodes(document.getElementById("nodes"), nodes),
);
onChange(
  ({ connection }) => connection,
  ({ connection }) => (document.getElementById("connection").textContent = connection),
);

async function refreshNodes() {
  try {
    const { nodes } = await get("/api/nodes");
    const connection = watched()?.link ? store.state.connection : "Live";
    store.set({ nodes, connection });
  } catch (refusal) {
    store.set({ connection: refusal.message });
  }
  setTimeout(refreshNodes, NODES_EVERY_MS);
}

/** The ticket named in the page's address, and the token of the link. */
function watched() {
  const match = /^\/tickets\/([^/]+)$/.exec(location.pathname);
  return match
    ? { id: decodeURIComponent(match[1]), link: new URLSearchParams(location.search).get("token") }
    : null;
}

const ticket = watched();
if (ticket?.link) {
  store.set({ ticketLink: ticket.link });
  follow(store, ticket.id, ticket.link);
} else if (ticket) {
  store.set({ problem: `Open this ticket by the link in your mail, or run \`ecodml ticket ${ticket.id}\`.` });
}
refreshNodes();
