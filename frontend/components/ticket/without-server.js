import { html, short, time } from "/static/html.js";
import { purchases } from "/static/purchases.js";
import { coins } from "/static/units.js";
import { reclaimButton } from "./reclaim.js";

/**
 * What can be done about a ticket that the server does not show: the receipt in this browser is enough to take its fee back.
 * @param {string} id @param {{status?: number}} refusal @param {AbortSignal} signal
 */
export function withoutServer(id, refusal, signal) {
  const kept = purchases.of(id)?.receipt;
  if (!kept || (refusal.status && refusal.status < 500)) return null;
  const late = Date.now() / 1000 >= kept.deadline;
  return html`<section class="card" aria-labelledby="receipt-title">
    <h2 id="receipt-title">Your receipt is in this browser</h2>
    <dl class="facts">
      <dt>Fee in escrow</dt>
      <dd>${coins(kept.fee_wei)}, unless the job has ended</dd>
      <dt>Job</dt>
      <dd>${short(kept.job_id)}</dd>
      <dt>Escrow</dt>
      <dd>${short(kept.escrow)} on chain ${kept.chain_id}</dd>
      <dt>Deadline</dt>
      <dd>${time(kept.deadline)}</dd>
    </dl>
    ${
      late
        ? reclaimButton({ ticket: id, job: kept.job_id, fee: String(kept.fee_wei), signal })
        : html`<p>From the deadline on you can take the fee back here, without the server.</p>`
    }
  </section>`;
}
