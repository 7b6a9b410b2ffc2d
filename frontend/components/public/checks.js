import { html } from "/static/html.js";
import { CHECKS } from "./check-words.js";

const OUTCOMES = {
  ok: ["good", "✓", "Holds"],
  failed: ["bad", "✗", "Does not hold"],
  "not-checkable": ["", "–", "Not checkable"],
};

/**
 * Checks, each with what it is about and what was found.
 * @param {{name: string, outcome: string, detail: string, next_step?: string}[]} findings
 */
export function checkList(findings) {
  return html`<ul class="checks">
    ${findings.map(check)}
  </ul>`;
}

/** How many of them hold, in a sentence. @param {{outcome: string}[]} findings */
export function summary(findings) {
  const of = (outcome) => findings.filter((finding) => finding.outcome === outcome).length;
  const [fine, failed, open] = ["ok", "failed", "not-checkable"].map(of);
  const rest = open ? ` ${open} cannot be checked with what there is.` : "";
  if (failed)
    return html`<div class="problem"><p>${failed} of ${findings.length} checks failed.${rest}</p></div>`;
  return html`<div class="done"><p>All ${fine} checks that can be made hold.${rest}</p></div>`;
}

function check({ name, outcome, detail, next_step: next }) {
  const [look, sign, word] = OUTCOMES[outcome] ?? ["", "?", outcome];
  const [title, meaning] = CHECKS[name] ?? [name, ""];
  return html`<li class="check ${look}" data-check=${name} data-outcome=${outcome}>
    <span class="badge ${look}"><span aria-hidden="true">${sign}</span> ${word}</span>
    <div>
      <strong>${title}</strong>
      ${meaning ? html`<p class="note">${meaning}</p>` : null}
      <p class="detail">${detail}</p>
      ${next && outcome !== "ok" ? html`<p class="note">${next}</p>` : null}
    </div>
  </li>`;
}
