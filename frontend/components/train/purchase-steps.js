import { get } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { payPanel } from "/static/components/train/pay-panel.js";
import { receiptLink } from "/static/components/train/receipt-link.js";
import { resumeUpload } from "/static/components/train/resume-upload.js";
import { stepper } from "/static/components/train/stepper.js";
import { html, replace, time } from "/static/html.js";
import { drawWhenChanged, every } from "/static/live.js";
import { forgetFile } from "/static/purchase/kept-files.js";
import { purchases } from "/static/purchases.js";
import { navigate } from "/static/router.js";
import { bytes, coins, count } from "/static/units.js";
import { connectPanel } from "/static/wallet/connect-panel.js";

const LOOK_EVERY_S = 1;

/**
 * The rest of the way of an offer that was agreed to: pay, upload, and on to the ticket; from wherever it stands.
 * @param {import("/static/purchases.js").Purchase} purchase @param {{payNow: boolean, signal: AbortSignal}} how
 * @returns {Element}
 */
export function purchaseSteps(purchase, { payNow, signal }) {
  const steps = html`<div></div>`;
  const body = html`<div></div>`;
  replace(steps, stepper(2));
  let running = new AbortController();
  const once = { payNow };
  const then = () => {
    // Somebody else is signed in, or the same one again.
    running.abort();
    running = new AbortController();
    follow(purchase, { steps, body, once, signal: AbortSignal.any([signal, running.signal]) });
    return body;
  };
  return html`<div>
    ${steps}
    <div class="train">
      <div class="steps">
        <section class="card" aria-labelledby="purchase-title">
          <h2 id="purchase-title">Pay and upload</h2>
          ${connectPanel({ needsWallet: false, signal, then })}
        </section>
      </div>
      <aside>${summary(purchase)}</aside>
    </div>
  </div>`;
}

function summary(purchase) {
  const { receipt, facts, spec } = purchase;
  return html`<section class="card" aria-labelledby="order-title">
    <h2 id="order-title">Your order</h2>
    <p class="fee">${coins(receipt.fee_wei)}</p>
    <dl class="facts">
      <dt>Data</dt>
      <dd>
        ${receipt.file}, ${bytes(facts.size)}, ${count(facts.rows)} rows, ${facts.classes.length} classes
      </dd>
      <dt>Model</dt>
      <dd>
        ${spec.model}, ${spec.rounds === 1 ? "one round" : `${spec.rounds} rounds`} on ${spec.trainers} nodes
      </dd>
      <dt>Deadline</dt>
      <dd>${time(receipt.deadline)}</dd>
      <dt>Ticket</dt>
      <dd><a href="/tickets/${receipt.ticket}">${receipt.ticket}</a></dd>
    </dl>
    <p class="note">
      ${receiptLink(purchase)} It is kept in this browser, too: after the deadline it is all you need to take
      the fee back alone.
    </p>
  </section>`;
}

async function follow(purchase, { steps, body, once, signal }) {
  const { ticket: id } = purchase.receipt;
  const session = new AbortController();
  const mine = AbortSignal.any([signal, session.signal]);
  const newOffer = async () => {
    purchases.forget(id);
    await forgetFile(id);
    navigate("/train", { replace: true });
  };
  const draw = drawWhenChanged(body, ({ ticket }) => {
    if (ticket.status === "QUOTED") {
      replace(steps, stepper(2));
      const then = () => {
        const { payNow } = once;
        once.payNow = false; // The wallet is asked by itself once, whoever connects later.
        return payPanel(purchase, { payNow, signal: mine, newOffer });
      };
      return replace(body, connectPanel({ chain: "market", signal: mine, then }));
    }
    if (ticket.status === "FUNDED") {
      replace(steps, stepper(3));
      return replace(body, resumeUpload(ticket, { signal: mine, changed: arrived }));
    }
    return arrived(ticket);
  });
  const arrived = () => {
    session.abort();
    if (!signal.aborted) navigate(`/tickets/${id}`, { replace: true });
  };
  const look = async () => {
    const { ticket } = await get(`/api/tickets/${id}`, { signal: mine });
    draw({
      ticket: {
        id,
        status: ticket.status,
        dataset: ticket.dataset,
        spec: ticket.spec,
        fee_wei: ticket.fee_wei,
      },
    });
  };
  replace(body, busy("Looking at the ticket …"));
  try {
    await every(LOOK_EVERY_S, look, mine);
  } catch (refusal) {
    if (!mine.aborted)
      replace(
        body,
        unknown(refusal, purchase, () => follow(purchase, { steps, body, once, signal })),
      );
  }
}

function unknown(refusal, { receipt }, again) {
  if (refusal.code !== "ticket.unknown") return problem(refusal, { again });
  const message = `This purchase was made with the account ${receipt.customer}: sign in as that one to go on.`;
  return problem({ code: refusal.code, message }, { again });
}
