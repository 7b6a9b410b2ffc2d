import { html } from "/static/html.js";

const SHOWN_MS = 6000;

/** Tell a screen reader, without moving its focus. @param {string} text */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}

/** Show something that happened, for a few seconds, and announce it. @param {string} text */
export function toast(text) {
  const note = html`<p class="toast">${text}</p>`;
  document.getElementById("toasts").append(note);
  announce(text);
  setTimeout(() => note.remove(), SHOWN_MS);
}
