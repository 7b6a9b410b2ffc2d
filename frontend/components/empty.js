import { html } from "/static/html.js";

/** Nothing here yet, and what can be done about it. @param {string} sentence @param {any} [action] a link or button */
export function empty(sentence, action = null) {
  return html`<div class="empty">
    <p>${sentence}</p>
    ${action}
  </div>`;
}
