import { html } from "/static/html.js";

/**
 * What went wrong, in one sentence with its code, and the way forward.
 * @param {{code?: string, message: string}} refusal
 * @param {{again?: (() => void)|null, forward?: any}} [ways] `again` tries once more; `forward` is a link or button of the page's own
 */
export function problem(refusal, { again = null, forward = null } = {}) {
  const known = Boolean(refusal.code);
  const sentence = known ? refusal.message : "Something went wrong in this page; nothing was changed by it.";
  return html`<div class="problem" role="alert">
    <p>${sentence} ${known ? html`<code class="code">${refusal.code}</code>` : null}</p>
    ${
      again || forward
        ? html`<p class="ways">
            ${again ? html`<button type="button" @click=${() => again()}>Try again</button>` : null}
            ${forward}
          </p>`
        : null
    }
  </div>`;
}
