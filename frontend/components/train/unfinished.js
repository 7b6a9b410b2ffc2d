import { get } from "/static/api.js";
import { receiptLink } from "/static/components/train/receipt-link.js";
import { html, replace, time } from "/static/html.js";
import { forgetFile } from "/static/purchase/kept-files.js";
import { paymentOf } from "/static/purchase/paying.js";
import { purchases } from "/static/purchases.js";
import { session } from "/static/session.js";
import { coins } from "/static/units.js";

const OPEN = new Set(["QUOTED", "FUNDED"]);
const OVER = new Set(["SETTLED", "REFUNDED"]);
const SAID = {
  QUOTED: "not paid yet",
  FUNDED: "paid; the file is not uploaded yet",
};

/**
 * What this browser has begun to buy and not brought to an end. Hidden where there is nothing.
 * @param {AbortSignal} signal @returns {Promise<Element>} once it is known whether there is any
 */
export async function unfinished(signal) {
  const place = html`<section class="card unfinished" aria-labelledby="unfinished-title" hidden></section>`;
  const draw = async () => {
    const kept = purchases.all();
    await session.ready;
    const told = await Promise.all(kept.map((purchase) => statusOf(purchase, signal)));
    const open = kept
      .map((purchase, index) => [purchase, told[index]])
      .filter(([, status]) => status !== null);
    place.hidden = open.length === 0;
    replace(
      place,
      html`<h2 id="unfinished-title">Not finished yet</h2>`,
      html`<ul>
        ${open.map(([purchase, status]) => one(purchase, status))}
      </ul>`,
    );
  };
  const safely = () => draw().catch((error) => signal.aborted || console.error(error));
  purchases.addEventListener("change", safely, { signal });
  session.addEventListener("change", safely, { signal });
  await safely();
  return place;
}

function one(purchase, status) {
  const { receipt, at } = purchase;
  const forget = async () => {
    await forgetFile(receipt.ticket);
    purchases.forget(receipt.ticket);
  };
  const untouched = status === "QUOTED" && paymentOf(purchase).step !== "pending" && !receipt.transaction;
  return html`<li>
    <p>
      <strong>${receipt.file}</strong>, ${coins(receipt.fee_wei)}, ${time(at)}:
      ${SAID[status] ?? "sign in to see how it stands"}. ${receiptLink(purchase)}
    </p>
    <p class="ways">
      <a class="button primary" href="/train?ticket=${receipt.ticket}">Go on</a>
      ${untouched ? html`<button type="button" @click=${forget}>Give it up</button>` : null}
      ${status === "FUNDED" ? html`<a class="button" href="/tickets/${receipt.ticket}">Cancel and get the fee back</a>` : null}
    </p>
  </li>`;
}

/** QUOTED, FUNDED, "unknown"; null where there is nothing left to do here. */
async function statusOf({ receipt }, signal) {
  if (session.user === null) return "unknown";
  try {
    const { ticket } = await get(`/api/tickets/${receipt.ticket}`, { signal });
    if (OVER.has(ticket.status)) purchases.forget(receipt.ticket);
    if (OPEN.has(ticket.status)) return ticket.status;
    await forgetFile(receipt.ticket);
    return null;
  } catch (refusal) {
    if (refusal.code === "ticket.unknown") return null; // Another account's.
    if (!refusal.code) throw refusal;
    return "unknown";
  }
}
