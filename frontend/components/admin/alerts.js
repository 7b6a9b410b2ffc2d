import { empty } from "/static/components/empty.js";
import { html } from "/static/html.js";

/** @param {{level: string, code: string, message: string, forward: string}[]} alerts the gravest first */
export function alerts(alerts) {
  if (alerts.length === 0) return empty("Nothing needs you: every part is well and nothing is stuck.");
  return alerts.map(
    ({ level, code, message, forward }) =>
      html`<div class=${level === "critical" ? "problem" : "warning"}>
        <p><strong>${message}</strong> <code class="code">${code}</code></p>
        ${forward ? html`<p>${forward}</p>` : null}
      </div>`,
  );
}
