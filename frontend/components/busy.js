import { html } from "/static/html.js";

/** Something is under way. @param {string} label */
export function busy(label) {
  return html`<p class="busy" role="status"><span class="spinner" aria-hidden="true"></span>${label}</p>`;
}
