import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { publishedOffers } from "/static/components/train/published-offers.js";
import { priceParts } from "/static/components/train/price-card.js";
import { config } from "/static/config.js";
import { html, replace, short, time } from "/static/html.js";
import { differences } from "/static/purchase/offer.js";
import { coins } from "/static/units.js";
import { ethers } from "/static/wallet/contracts.js";
import { wallet } from "/static/wallet/wallet.js";

/**
 * A binding offer, checked in this browser: published results first, then what is to be paid and what the payment commits to.
 * @param {{facts: object, spec: object, quote: () => Promise<object>}} order @param {(offer: object) => void} agree
 * @returns {Element}
 */
export function reviewOffer(order, agree) {
  const place = html`<div class="offer"></div>`;
  const ask = async () => {
    replace(place, busy("Asking for a binding offer, and checking it …"));
    try {
      const offer = await order.quote();
      const [market, { sha256 }] = [(await config()).market, await ethers()];
      const asked = { market, facts: order.facts, spec: order.spec, account: wallet.account };
      const wrong = await differences(offer, asked, sha256);
      if (wrong.length) replace(place, problem(mismatch(wrong), { again: ask }));
      else show(offer);
    } catch (refusal) {
      if (refusal.name !== "AbortError") replace(place, problem(refusal, { again: ask }));
    }
  };
  const show = (offer) => {
    const terms = () =>
      replace(
        place,
        termsOf(offer, () => agree(offer)),
      );
    if (offer.published.length) replace(place, publishedOffers(offer.published, terms));
    else terms();
  };
  ask();
  return place;
}

function mismatch(wrong) {
  const message = `The offer has another ${wrong.join(" and another ")} than what was asked for; nothing was paid.`;
  return { code: "offer.mismatch", message };
}

function termsOf({ payment, quote, ticket }, agree) {
  return html`<div>
    <p>You pay <strong class="figure">${coins(payment.fee_wei)}</strong> into escrow.</p>
    ${priceParts(quote)}
    <p class="note">
      Checked in your browser: the payment commits to this file, to these options, to this fee and deadline,
      and to nothing else.
    </p>
    <dl class="facts">
      <dt>Deadline</dt>
      <dd>${time(payment.deadline)}</dd>
      <dt>SHA-256 of the file</dt>
      <dd>${short(payment.dataset_hash)}</dd>
      <dt>SHA-256 of the options</dt>
      <dd>${short(payment.spec_hash)}</dd>
      <dt>Escrow contract</dt>
      <dd>${short(payment.escrow)}</dd>
      <dt>Ticket</dt>
      <dd><code>${ticket.id}</code></dd>
    </dl>
    <p class="ways">
      <button type="button" class="primary" id="agree" @click=${agree}>Pay ${coins(payment.fee_wei)}</button>
    </p>
  </div>`;
}
