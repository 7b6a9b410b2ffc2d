import { get } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { announce } from "/static/components/notice.js";
import { problem } from "/static/components/problem.js";
import { decision } from "/static/components/ticket/decision.js";
import { downloads } from "/static/components/ticket/downloads.js";
import { energy } from "/static/components/ticket/energy.js";
import { events, receiptAddress } from "/static/components/ticket/events.js";
import { facts } from "/static/components/ticket/facts.js";
import { money } from "/static/components/ticket/money.js";
import { nodes } from "/static/components/ticket/nodes.js";
import { pay } from "/static/components/ticket/pay.js";
import { privacy } from "/static/components/ticket/privacy.js";
import { proofs } from "/static/components/ticket/proofs.js";
import { results } from "/static/components/ticket/results.js";
import { rounds } from "/static/components/ticket/rounds.js";
import { stages } from "/static/components/ticket/stages.js";
import { standing } from "/static/components/ticket/standing.js";
import { ticketFeed } from "/static/components/ticket/feed.js";
import { withoutServer } from "/static/components/ticket/without-server.js";
import { statusOf, waitsFor } from "/static/components/ticket/words.js";
import { upload } from "/static/components/ticket/upload.js";
import { html, replace, styles } from "/static/html.js";
import { session } from "/static/session.js";

export const title = "Ticket";

/** @param {Element} place */
export async function show(place, { params, query, signal }) {
  const [link] = [query.get("token"), await styles("ticket"), await session.ready];
  replace(place, html`<h1>Ticket</h1>`, busy("Looking the ticket up …"));
  if (!link && !session.user) {
    const { connectPanel } = await import("/static/wallet/connect-panel.js");
    const panel = connectPanel({ needsWallet: false, signal });
    panel.addEventListener("ready", () => open(place, params.id, null, signal), { once: true, signal });
    replace(
      place,
      html`<h1>Ticket</h1>`,
      html`<p>Sign in as this ticket's customer, or open it by the link in your mail.</p>`,
      panel,
      withoutServer(params.id, {}, signal),
    );
    return;
  }
  await open(place, params.id, link, signal);
}

async function open(place, id, link, signal) {
  const suffix = link ? `?token=${encodeURIComponent(link)}` : "";
  const address = `/api/tickets/${encodeURIComponent(id)}${suffix}`;
  let first;
  try {
    first = (await get(address, { signal })).ticket;
  } catch (refusal) {
    if (signal.aborted) return;
    const again = () => open(place, id, link, signal);
    replace(place, html`<h1>Ticket</h1>`, problem(refusal, { again }), withoutServer(id, refusal, signal));
    return;
  }
  draw(place, first, { id, link, address, signal });
}

function draw(place, first, { link, address, signal }) {
  const connection = html`<span class="badge" id="live">Connecting …</span>`;
  const parts = [
    ...[
      standing(),
      stages(),
      upload(),
      money(),
      facts(),
      rounds(signal),
      nodes(),
      results(),
      downloads(),
      pay(),
    ],
    ...[energy(), decision(), privacy(), proofs(), events()],
  ];
  replace(
    place,
    html`<header class="ticket-head">
      <h1>Ticket <code>${first.id}</code></h1>
      <p class="row">
        <span>${first.dataset.name}</span> ${connection}
        <a href=${receiptAddress(first.id, link)}>Receipt</a>
        ${link ? null : html`<a href="/tickets">All tickets</a>`}
      </p>
    </header>`,
    html`<div class="ticket-parts">${parts.map((part) => part.element)}</div>`,
  );
  let status = null;
  ticketFeed(first, {
    link,
    address,
    signal,
    changed(ticket, context) {
      for (const part of parts) part.update(ticket, context);
      if (status !== null && status !== ticket.status)
        announce(`${statusOf(ticket.status).said} ${waitsFor(ticket) ?? ""}`);
      status = ticket.status;
    },
    live(isLive) {
      connection.textContent = isLive ? "Live" : "Reconnecting …";
      connection.className = isLive ? "badge good" : "badge warn";
    },
  });
}
