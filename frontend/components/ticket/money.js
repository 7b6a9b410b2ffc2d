import { post, Refusal } from "/static/api.js";
import { confirmDialog } from "/static/components/dialog.js";
import { toast } from "/static/components/notice.js";
import { problem } from "/static/components/problem.js";
import { html, replace, time } from "/static/html.js";
import { purchases, receiptFile } from "/static/purchases.js";
import { coins } from "/static/units.js";
import { reclaimButton } from "./reclaim.js";
import { section } from "./section.js";
import { HOLDS_FEE, neverPaid } from "./words.js";

/** A paid one whose file is still to come is cancelled beside its upload. */
const CANCELLABLE = ["QUOTED", "UPLOADED", "QUEUED"];

/** What the customer can do about the money: cancel before the start, take it back alone after the deadline. */
export function money() {
  return section({
    id: "money",
    title: "Your money",
    pick: (ticket, { own }) => {
      if (!own || !(HOLDS_FEE.includes(ticket.status) || ticket.status === "QUOTED")) return null;
      if (ticket.status !== "QUOTED" && neverPaid(ticket)) return null;
      const { id, job_id: job, status, deadline, fee_wei: fee } = ticket;
      return {
        id,
        job,
        status,
        deadline,
        fee,
        late: Date.now() / 1000 >= deadline,
      };
    },
    draw: (said, context) => [where(said), ways(said, context), receiptLine(said.id)],
  });
}

function where({ id, status, fee, deadline, late }) {
  if (status === "QUOTED")
    return html`<p>
      Nothing is paid yet.
      <a href=${purchases.of(id) ? `/train?ticket=${encodeURIComponent(id)}` : "/train"}>Pay and go on</a>
      before ${time(deadline)}, or give the quote up.
    </p>`;
  if (late)
    return html`<p>
      The deadline has passed and the escrow still holds ${coins(fee)}. The market gives it back by itself;
      you can also take it now, without anybody's help.
    </p>`;
  return html`<p>
    The escrow holds ${coins(fee)}. If the job is not settled by ${time(deadline)}, the whole fee goes back;
    should the operator vanish, you can take it back alone from then on.
  </p>`;
}

function ways({ id, job, status, late, fee }, context) {
  const said = html`<div></div>`;
  if (late && status !== "QUOTED") return reclaimButton({ ticket: id, job, fee, signal: context.signal });
  if (!CANCELLABLE.includes(status)) return null;
  const paid = status !== "QUOTED";
  return html`<div>
    <button type="button" class="danger" id="cancel" @click=${() => cancel({ id, fee, paid }, said, context)}>
      ${paid ? "Cancel and get the fee back" : "Give the quote up"}
    </button>
    ${said}
  </div>`;
}

async function cancel({ id, fee, paid }, said, { refresh }) {
  const sure = await confirmDialog({
    title: paid ? "Cancel this job?" : "Give this quote up?",
    text: paid
      ? `No node works on it yet, so the escrow returns the whole fee of ${coins(fee)} to your wallet; the transaction is the market's and costs you nothing. The uploaded file is not used. This cannot be taken back: you would ask for a new quote.`
      : "Nothing was paid, and nothing will be. You can ask for a new quote at any time.",
    confirm: paid ? "Cancel the job" : "Give it up",
    danger: true,
  });
  if (!sure) return;
  replace(said);
  try {
    await post(`/api/tickets/${encodeURIComponent(id)}/cancel`);
    toast(paid ? "Cancelled: the fee is on its way back." : "The quote is given up.");
    await refresh();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const late = refusal.code === "ticket.forbidden";
    const sentence = late
      ? new Refusal(refusal.code, "Nodes are at work on it already, so it can no longer be cancelled.")
      : refusal;
    replace(
      said,
      problem(sentence, late ? {} : { again: () => cancel({ id, fee, paid }, said, { refresh }) }),
    );
  }
}

function receiptLine(id) {
  const purchase = purchases.of(id);
  if (!purchase) return null;
  return html`<p class="note">
    This browser keeps the receipt by which you can take the fee back.
    <button type="button" class="link" @click=${() => save(purchase)}>Save it as a file</button> for
    <code>ecodml reclaim</code>, which needs nothing but the file, your key and the chain.
  </p>`;
}

function save(purchase) {
  const link = html`<a download="receipt-${purchase.receipt.ticket}.json"></a>`;
  link.href = URL.createObjectURL(receiptFile(purchase));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
