import { problem } from "/static/components/problem.js";
import { showTicket } from "/static/components/ticket.js";
import { html, replace } from "/static/html.js";
import { followTicket } from "/static/socket.js";

export const title = "Ticket";

/** @param {Element} place */
export function show(place, { params, query, signal }) {
  const section = html`<section aria-live="polite" aria-labelledby="ticket-title"></section>`;
  const link = query.get("token");
  replace(place, section);
  followTicket(params.id, link, {
    signal,
    heard: (ticket) => showTicket(section, ticket, link, null),
    status: ({ problem: refused }) => refused && replace(section, html`<h1>Ticket</h1>`, problem(refused)),
  });
}
