import { html } from "/static/html.js";
import { purchases, receiptFile } from "/static/purchases.js";

/** Saves a purchase's receipt, as `ecodml reclaim FILE` reads it. @param {import("/static/purchases.js").Purchase} purchase */
export function receiptLink(purchase) {
  const save = () => {
    const address = URL.createObjectURL(receiptFile(purchases.of(purchase.receipt.ticket) ?? purchase));
    html`<a href=${address} download="${purchase.receipt.ticket}.json"></a>`.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };
  return html`<button type="button" class="link" @click=${save}>Save the receipt.</button>`;
}
