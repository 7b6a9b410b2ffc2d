import { html } from "/static/html.js";
import { showTransaction } from "/static/wallet/transactions.js";

/**
 * A button that runs a transaction once `allowed` says so, for instance after a question; its state stands below.
 * @param {import("/static/wallet/transactions.js").Transaction} tx
 * @param {{text: string, allowed: () => boolean|Promise<boolean>, call: () => Promise<{hash: string}>, then: () => void, kind?: string}} action
 */
export function guardedButton(tx, { text, allowed, call, then, kind = "primary" }) {
  const press = async () => {
    if (!tx.busy && (await allowed()) && (await tx.run(call))) then();
  };
  const button = html`<button type="button" class=${kind} @click=${press}>${text}</button>`;
  const follow = () => (button.disabled = tx.busy);
  tx.addEventListener("change", follow);
  follow();
  // One found under way after a reload ends here, too.
  if (tx.busy) tx.settled().then((confirmed) => confirmed && then());
  return html`<div class="action">${button}${showTransaction(tx)}</div>`;
}
