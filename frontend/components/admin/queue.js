import { empty } from "/static/components/empty.js";
import { html, table, time } from "/static/html.js";
import { coins, count, duration } from "/static/units.js";

/** @param {{queue: object[], counts: Record<string, number>}} open tickets, and how many of all open ones have each status */
export function queue({ queue, counts }) {
  if (queue.length === 0) return empty("No ticket is open.");
  const rows = queue.map((ticket) => [
    html`<a href="/jobs/${ticket.job_id}">${ticket.ticket_id}</a>`,
    html`<span class="badge">${ticket.status}</span>`,
    time(ticket.since),
    `${ticket.rounds} of ${ticket.of_rounds}`,
    count(ticket.trainers),
    coins(ticket.fee_wei),
    time(ticket.deadline),
  ]);
  const head = [
    "Ticket",
    "Status",
    "Since",
    { text: "Rounds", numeric: true },
    { text: "Trainers", numeric: true },
    { text: "Fee", numeric: true },
    "Deadline",
  ];
  return [
    html`<p class="row">
      ${Object.entries(counts).map(([status, n]) => html`<span class="badge">${status} ${count(n)}</span>`)}
    </p>`,
    table({ caption: "Open tickets, the newest first", head, rows }),
  ];
}

/** @param {{ticket_id: string, job_id: string, status: string, seconds: number, since: number, why: string}[]} stuck */
export function stuck(stuck) {
  const rows = stuck.map((ticket) => [
    html`<a href="/jobs/${ticket.job_id}">${ticket.ticket_id}</a>`,
    html`<span class="badge warn">${ticket.status}</span>`,
    duration(ticket.seconds),
    ticket.why,
  ]);
  return table({
    caption: "The longest waiting first",
    head: ["Ticket", "Status", { text: "For", numeric: true }, "Why that is too long"],
    rows,
    empty: empty("Every open ticket moves."),
  });
}
