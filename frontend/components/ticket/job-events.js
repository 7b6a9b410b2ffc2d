import { html, short, time } from "/static/html.js";
import { argument, HAPPENED } from "./event-words.js";
import { nodeName } from "./names.js";

const CHAINS = { market: "Market", carbon: "Carbon" };

/**
 * Everything both chains say of a job, as a block explorer shows it: decoded arguments, block, time and transaction.
 * @param {object[]} events of GET /api/jobs/JOB/events
 * @param {Map<string, string>} names of nodes
 */
export function eventList(events, names) {
  return html`<ol class="events">
    ${events.map(
      (event) =>
        html`<li class="event">
          <div class="event-head">
            <span class="badge">${CHAINS[event.chain] ?? event.chain}</span>
            <strong>${event.contract}.${event.name}</strong>
            <span>${HAPPENED[event.name] ?? ""}</span>
          </div>
          <div class="event-where note">
            ${time(event.at)} · block <span class="figure">${event.block}</span> · log ${event.log_index} ·
            transaction ${short(event.tx)}
          </div>
          <details id="event-${event.chain}-${event.block}-${event.log_index}">
            <summary>Arguments</summary>
            <dl class="facts">
              ${Object.entries(event.args).map(([name, value]) => [
                html`<dt>${name}</dt>`,
                html`<dd>${shown(event.name, name, value, names)}</dd>`,
              ])}
            </dl>
          </details>
        </li>`,
    )}
  </ol>`;
}

function shown(event, name, value, names) {
  const told = argument(event, name, value);
  if (Array.isArray(told)) return list(told);
  if (told !== null) return html`<span title=${String(value)}>${told}</span>`;
  return plain(value, names);
}

function plain(value, names) {
  if (Array.isArray(value)) return value.length ? list(value.map((item) => plain(item, names))) : "none";
  if (value !== null && typeof value === "object") {
    return html`<dl class="facts">
      ${Object.entries(value).map(([name, item]) => [
        html`<dt>${name}</dt>`,
        html`<dd>${shown("", name, item, names)}</dd>`,
      ])}
    </dl>`;
  }
  const text = String(value);
  if (!text.startsWith("0x")) return text;
  const known = names.has(text.toLowerCase());
  return html`<span>${short(text)}${known ? ` ${nodeName(text, names)}` : null}</span>`;
}

const list = (items) =>
  html`<ul class="plain">
    ${items.map((item) => html`<li>${item}</li>`)}
  </ul>`;
