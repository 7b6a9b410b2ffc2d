import { get, Refusal } from "/static/api.js";
import { config } from "/static/config.js";
import { every } from "/static/live.js";
import { session } from "/static/session.js";
import { followTicket } from "/static/socket.js";
import { namesOf } from "./names.js";
import { ENDED } from "./words.js";

const ASK_EVERY_S = 10;
const LOOK_EVERY_S = 2;

/**
 * Everything that a ticket's page shows, kept up to date: the ticket by socket (and by asking, where the socket fails), its
 * decision, its job's events, the names of its nodes.
 * @param {object} first the ticket as just asked for
 * @param {object} to
 * @param {string|null} to.link @param {string} to.address of the ticket in the API @param {AbortSignal} to.signal
 * @param {(ticket: object, context: import("./section.js").Context) => void} to.changed
 * @param {(isLive: boolean) => void} to.live
 */
export function ticketFeed(first, { link, address, signal, changed, live }) {
  let ticket = first;
  const context = {
    link,
    own: false,
    names: new Map(),
    config: null,
    events: [],
    eventsProblem: null,
    decision: null,
    signal,
    refresh: () => ask(),
  };
  const tell = () => {
    if (signal.aborted) return;
    context.own = isOwn(ticket);
    changed(ticket, context);
  };
  const heard = (news) => {
    if (news.version < ticket.version) return;
    const moved = news.version !== ticket.version;
    ticket = { ...news, chain: news.chain ?? ticket.chain };
    tell();
    if (moved) Promise.all([decided(), told(), named(), ask()]).then(tell, () => {});
  };
  const ask = async () => heard((await get(address, { signal })).ticket);
  const decided = async () => {
    if (!ticket.decision || context.decision?.hash === ticket.decision.hash) return;
    const [path, token] = address.split("?");
    context.decision = (await get(`${path}/decision${token ? `?${token}` : ""}`, { signal })).decision;
  };
  const told = async () => {
    try {
      const said = await get(`/api/jobs/${ticket.job_id}/events`, { signal });
      context.events = said.events;
      context.eventsProblem = said.complete
        ? null
        : "The chains are still being read; more events may follow.";
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      // A job that was never paid has none.
      context.eventsProblem = refusal.code === "job.unknown" ? null : refusal.message;
    }
  };
  const named = async () => {
    const those = [...ticket.trainers, ...ticket.validators].map((node) => node.toLowerCase());
    if (those.every((node) => context.names.has(node))) return;
    context.names = namesOf((await get("/api/nodes", { signal })).nodes);
  };
  let isLive = false;
  const status = (said) => live((isLive = said.live));
  tell();
  const quietly = (work) => work().then(tell, () => {});
  quietly(decided);
  quietly(told);
  quietly(named);
  quietly(async () => (context.config = await config()));
  session.addEventListener("change", tell, { signal });
  followTicket(ticket.id, link, { signal, heard, status });
  // What fails once is asked again at the next turn; of a ticket that has ended the socket tells whatever still comes.
  const again = async () => {
    const over = isLive && ENDED.includes(ticket.status) && !context.eventsProblem;
    if (!over) await Promise.all([ask(), told()]).then(tell, passing);
  };
  quietly(() => every(ASK_EVERY_S, again, signal));
  // Deadlines pass without anybody telling.
  quietly(() => every(LOOK_EVERY_S, async () => tell(), signal));
}

function passing(error) {
  if (!(error instanceof Refusal) && error.name !== "AbortError") throw error;
}

function isOwn(ticket) {
  const mine = [...(session.user?.wallets ?? []), session.user?.address].filter(Boolean);
  return mine.some((address) => address.toLowerCase() === ticket.customer.toLowerCase());
}
