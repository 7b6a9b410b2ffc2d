import { html } from "/static/html.js";
import { eventList } from "./job-events.js";
import { section } from "./section.js";

/** The job's events on both chains, and the way to the receipt. */
export function events() {
  return section({
    id: "events",
    title: "On both chains",
    pick: ({ id }, { events: found, names, link, eventsProblem }) =>
      found.length || eventsProblem ? { found, id, link, known: names.size, eventsProblem } : null,
    draw: ({ found, id, link, eventsProblem }, { names }) => [
      eventsProblem ? html`<p class="warning">${eventsProblem}</p>` : null,
      html`<p>
        ${found.length} events, all of them anybody's to read.
        <a href=${receiptAddress(id, link)}>Receipt with every hash, and checks of your own</a>
      </p>`,
      eventList(found, names),
    ],
  });
}

/** Where a ticket's receipt is. @param {string} id @param {string|null} link */
export function receiptAddress(id, link) {
  const address = `/tickets/${encodeURIComponent(id)}/receipt`;
  return link ? `${address}?token=${encodeURIComponent(link)}` : address;
}
