import { problem } from "/static/components/problem.js";
import { html, replace, time } from "/static/html.js";
import { co2, coins, joules, percent } from "/static/units.js";
import { STATUSES, statusOf } from "./words.js";

const GROUPS = {
  all: ["All", () => true],
  open: ["Going on", ({ status }) => !["SETTLED", "REFUNDED", "INVALID", "EXPIRED"].includes(status)],
  settled: ["Settled", ({ status }) => status === "SETTLED"],
  back: ["Refunded", ({ status }) => ["REFUNDED", "REFUNDING", "DISPUTED"].includes(status)],
  unpaid: ["Not paid", (ticket) => !wasPaid(ticket)],
};

/** @type {Record<string, (ticket: object) => number|string|bigint>} */
const KEYS = {
  When: (ticket) => ticket.timeline[0].at,
  Dataset: (ticket) => ticket.dataset.name.toLowerCase(),
  Status: (ticket) => Object.keys(STATUSES).indexOf(ticket.status),
  Fee: (ticket) => BigInt(ticket.fee_wei),
  Accuracy: (ticket) => ticket.accuracy ?? -1,
  Energy: (ticket) => ticket.carbon?.millijoules ?? -1,
  Emissions: (ticket) => ticket.carbon?.micrograms ?? -1,
  "Eco Score": (ticket) => ticket.carbon?.eco_score ?? -1,
};
const NUMERIC = new Set(["Fee", "Accuracy", "Energy", "Emissions", "Eco Score"]);

const wasPaid = ({ timeline }) => timeline.some(({ status }) => status === "FUNDED");

/** A customer's tickets: filtered, sorted, and added up. The filters keep what was typed while the list is drawn anew. */
export function history() {
  const shown = { group: "all", text: "", by: "When", down: true };
  let tickets = [];
  let following = null;
  let more = async () => {};
  const totals = html`<div></div>`;
  const rows = html`<div></div>`;
  const count = html`<p class="note" role="status"></p>`;
  const said = html`<div></div>`;
  const draw = () => {
    const found = chosen(tickets, shown);
    replace(totals, totalsOf(found));
    count.textContent = `${found.length} of ${tickets.length} tickets${following ? " loaded so far" : ""}`;
    keepFocus(rows, () =>
      replace(rows, found.length ? list(found, shown, sort) : html`<p>No ticket is like that.</p>`),
    );
    button.hidden = following === null;
  };
  const sort = (name) => {
    shown.down = shown.by === name ? !shown.down : true;
    shown.by = name;
    draw();
  };
  const button = html`<button type="button" id="older" @click=${loadMore}>Older tickets</button>`;
  async function loadMore() {
    button.disabled = true;
    replace(said);
    try {
      await more();
    } catch (refusal) {
      replace(said, problem(refusal, { again: loadMore }));
    }
    button.disabled = false;
  }
  const element = html`<div>
    ${totals}
    <div class="filters" role="search" aria-label="Filter the tickets">
      <div class="field">
        <label for="group">Which</label>
        <select id="group" @change=${(event) => ((shown.group = event.target.value), draw())}>
          ${Object.entries(GROUPS).map(([name, [label]]) => html`<option value=${name}>${label}</option>`)}
        </select>
      </div>
      <div class="field">
        <label for="text">Dataset, model or id</label>
        <input
          id="text"
          type="search"
          autocomplete="off"
          @input=${(event) => ((shown.text = event.target.value), draw())}
        />
      </div>
    </div>
    ${count} ${rows}
    <p>${button}</p>
    ${said}
  </div>`;
  return {
    element,
    update(all, next, load) {
      [tickets, following, more] = [all, next, load];
      draw();
    },
  };
}

/** Those that fit, in order. @param {object[]} tickets @param {{group: string, text: string, by: string, down: boolean}} shown */
export function chosen(tickets, { group, text, by, down }) {
  const wanted = text.trim().toLowerCase();
  const fits = (ticket) =>
    GROUPS[group][1](ticket) &&
    [ticket.id, ticket.dataset.name, ticket.spec.model, ticket.job_id].some((one) =>
      one.toLowerCase().includes(wanted),
    );
  const key = KEYS[by];
  const order = (one, other) => (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0);
  const found = tickets.filter(fits).sort(order);
  return down ? found.reverse() : found;
}

function totalsOf(found) {
  const sum = (of) => found.reduce((total, ticket) => total + of(ticket), 0n);
  const paid = sum((ticket) => (wasPaid(ticket) ? BigInt(ticket.fee_wei) : 0n));
  const back = sum((ticket) => BigInt(ticket.refund_wei ?? 0));
  const carbon = found.filter((ticket) => ticket.carbon).map((ticket) => ticket.carbon);
  const figures = [
    ["Spent", coins(paid - back), `${coins(paid)} paid less what came back`],
    ["Refunded", coins(back), "in full, each"],
    ["Energy", joules(carbon.reduce((total, of) => total + of.millijoules, 0)), kinds(carbon)],
    ["Emissions", co2(carbon.reduce((total, of) => total + of.micrograms, 0)), "location-based"],
  ];
  return html`<dl class="figures">
    ${figures.map(
      ([name, value, note]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
          <dd class="note">${note}</dd>
        </div>`,
    )}
  </dl>`;
}

const kinds = (carbon) =>
  [...new Set(carbon.flatMap(({ classes }) => Object.keys(classes)))].join(" + ") || "no readings";

function list(found, shown, sort) {
  return html`<div class="scroll" role="region" aria-label="Tickets" tabindex="0">
    <table>
      <caption class="unseen">
        Your tickets
      </caption>
      <thead>
        <tr>
          <th scope="col">Ticket</th>
          ${Object.keys(KEYS).map((name) => column(name, shown, sort))}
        </tr>
      </thead>
      <tbody>
        ${found.map(row)}
      </tbody>
    </table>
  </div>`;
}

function column(name, { by, down }, sort) {
  const order = by === name ? (down ? "descending" : "ascending") : null;
  const arrow = order ? (down ? " ▼" : " ▲") : "";
  return html`<th scope="col" class=${NUMERIC.has(name) ? "numeric" : null} aria-sort=${order}>
    <button type="button" class="sort" id="sort-${name.replace(" ", "-")}" @click=${() => sort(name)}>
      ${name}${arrow}
    </button>
  </th>`;
}

function row(ticket) {
  const { label, look } = statusOf(ticket.status);
  const going = ticket.status === "RUNNING" ? `, round ${ticket.rounds} of ${ticket.spec.rounds}` : "";
  return html`<tr data-ticket=${ticket.id}>
    <th scope="row"><a href="/tickets/${ticket.id}" id="ticket-${ticket.id}">${ticket.id}</a></th>
    <td>${time(ticket.timeline[0].at)}</td>
    <td>${ticket.dataset.name}, ${ticket.spec.model}</td>
    <td><span class="badge ${look}">${label}${going}</span></td>
    <td class="numeric">${coins(ticket.fee_wei)}</td>
    <td class="numeric">${ticket.accuracy === null ? "–" : percent(ticket.accuracy)}</td>
    <td class="numeric">${ticket.carbon ? joules(ticket.carbon.millijoules) : "–"}</td>
    <td class="numeric">${ticket.carbon ? co2(ticket.carbon.micrograms) : "–"}</td>
    <td class="numeric">${ticket.carbon?.eco_score?.toFixed(1) ?? "–"}</td>
  </tr>`;
}

function keepFocus(place, draw) {
  const id = place.contains(document.activeElement) ? document.activeElement.id : "";
  const left = place.querySelector(".scroll")?.scrollLeft ?? 0;
  draw();
  if (id) document.getElementById(id)?.focus({ preventScroll: true });
  const scroll = place.querySelector(".scroll");
  if (scroll) scroll.scrollLeft = left;
}
