import { html } from "/static/html.js";

const STEPS = ["File", "Options", "Pay", "Upload"];

/** Where one is on the way from a file to a ticket. @param {number} at from 0 */
export function stepper(at) {
  const step = (name, index) =>
    html`<li
      class=${index < at ? "past" : index === at ? "now" : null}
      aria-current=${index === at ? "step" : null}
    >
      <span class="number" aria-hidden="true">${index < at ? "✓" : index + 1}</span>${name}
    </li>`;
  return html`<ol class="stepper" aria-label="Steps">
    ${STEPS.map(step)}
  </ol>`;
}
