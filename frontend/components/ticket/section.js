import { html, replace } from "/static/html.js";

/**
 * What all parts of a ticket's page are told beside the ticket.
 * @typedef {object} Context
 * @property {string|null} link the token of the link that the page was opened by
 * @property {boolean} own whether the session is the customer's
 * @property {Map<string, string>} names of nodes, by lower-case address
 * @property {object|null} config GET /api/config, null until it is known
 * @property {object[]} events of the job, as GET /api/jobs/JOB/events has them
 * @property {object|null} decision GET /api/tickets/ID/decision
 * @property {AbortSignal} signal of the page
 * @property {() => Promise<void>} refresh ask for the ticket again
 */

/**
 * A part of the page that is drawn anew only when what it shows has changed: focus, open details and scrolled tables survive.
 * @param {object} part
 * @param {string} part.id
 * @param {string} part.title
 * @param {(ticket: object, context: Context) => any} part.pick what it shows, as JSON; null hides it
 * @param {(picked: any, context: Context) => any} part.draw the nodes under its heading
 * @returns {{element: HTMLElement, update: (ticket: object, context: Context) => void}}
 */
export function section({ id, title, pick, draw }) {
  const body = html`<div></div>`;
  const element = html`<section id=${id} class="part" aria-labelledby="${id}-title" hidden>
    <h2 id="${id}-title">${title}</h2>
    ${body}
  </section>`;
  let last;
  return {
    element,
    update(ticket, context) {
      const picked = pick(ticket, context);
      const now = JSON.stringify(picked ?? null);
      if (now === last) return;
      last = now;
      element.hidden = picked === null || picked === undefined;
      if (!element.hidden) keeping(body, () => replace(body, draw(picked, context)));
    },
  };
}

/** Draw `body` anew, and put back what the reader had opened, focused and scrolled. */
function keeping(body, draw) {
  const open = [...body.querySelectorAll("details[id][open]")].map((details) => details.id);
  const scrolled = [...body.querySelectorAll(".scroll")].map((place) => place.scrollLeft);
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  const again = focused && (focused.id ? `#${CSS.escape(focused.id)}` : null);
  draw();
  for (const id of open) body.querySelector(`details#${CSS.escape(id)}`)?.setAttribute("open", "");
  body.querySelectorAll(".scroll").forEach((place, index) => (place.scrollLeft = scrolled[index] ?? 0));
  if (again) body.querySelector(again)?.focus({ preventScroll: true });
}
