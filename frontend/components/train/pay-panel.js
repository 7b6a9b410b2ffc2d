import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { html, replace } from "/static/html.js";
import { approvalOf, paymentOf, sendApproval, sendPayment, standing } from "/static/purchase/paying.js";
import { purchases } from "/static/purchases.js";
import { coins } from "/static/units.js";
import { balancesChanged, getCoins, hasFaucet } from "/static/wallet/faucet.js";
import { explainPermit } from "/static/wallet/permit.js";
import { plain, showTransaction, transactionButton } from "/static/wallet/transactions.js";
import { wallet } from "/static/wallet/wallet.js";

/**
 * Paying for a purchase with the connected wallet, from wherever that stands.
 * @param {import("/static/purchases.js").Purchase} purchase
 * @param {{payNow: boolean, signal: AbortSignal, newOffer: () => void}} how `payNow`: the wallet is asked at once, where nothing is in the way;
 *   `newOffer` gives this one up
 * @returns {Element}
 */
export function payPanel(purchase, { payNow, signal, newOffer }) {
  const tx = paymentOf(purchase);
  const hints = html`<div></div>`;
  const shown = showTransaction(tx);
  const place = html`<div class="pay">${hints}${shown}</div>`;
  const { ticket } = purchase.receipt;
  let asked = payNow;
  let account = null;
  const pay = () => tx.run(() => sendPayment(purchase, { approved: account?.allowed ?? false }));
  const look = async () => {
    try {
      account = await standing(purchase);
      draw();
    } catch (error) {
      replace(hints, problem(plain(error), { again: look }));
    }
  };
  const draw = () => {
    if (tx.hash) purchases.paidBy(ticket, tx.hash);
    if (tx.step === "confirmed" || account?.opened) return replace(hints, seen());
    if (tx.busy) return replace(hints);
    if (account === null) return replace(hints, busy("Looking at your account …"));
    const way = inTheWay(purchase, account, { look, newOffer });
    if (way) {
      asked = false; // What was in the way is gone later, and the person is asked anew.
      return replace(hints, way);
    }
    if (asked) {
      asked = false;
      pay();
      return undefined;
    }
    return replace(hints, ...ready(purchase, { tx, pay, account, look, newOffer }));
  };
  tx.addEventListener("change", draw);
  balancesChanged.addEventListener("change", look, { signal });
  draw();
  look();
  return place;
}

function seen() {
  return [
    html`<p class="done">Paid: the fee is in escrow.</p>`,
    busy("Waiting until the network has seen the payment …"),
  ];
}

function inTheWay({ payment }, { dml, native, gas, paused, late }, { look, newOffer }) {
  if (late) {
    const message = "This offer's deadline has passed; nothing was paid.";
    const forward = html`<button type="button" class="primary" @click=${newOffer}>Make a new offer</button>`;
    return problem({ code: "offer.late", message }, { forward });
  }
  if (paused) {
    const message = "The escrow takes no new jobs at present; nothing was paid. The offer stays here.";
    return problem({ code: "escrow.paused", message }, { again: look });
  }
  const lacks = [];
  const fee = BigInt(payment.fee_wei);
  if (dml < fee) lacks.push(`${coins(fee - dml)} for the fee`);
  if (native < gas) lacks.push(`${coins(gas - native, "native coin")} for the network fee`);
  return lacks.length ? short(lacks, look) : null;
}

function short(lacks, look) {
  const place = html`<div></div>`;
  const message = `Your account lacks ${lacks.join(" and ")}; nothing was paid.`;
  const draw = (faucet, refusal = null) => {
    const drip = async (event) => {
      event.currentTarget.disabled = true;
      await getCoins(wallet.account).catch((trouble) => draw(faucet, trouble));
    };
    const forward = faucet
      ? html`<button type="button" class="primary" id="faucet" @click=${drip}>Get coins to try with</button>`
      : null;
    replace(
      place,
      problem({ code: "wallet.short", message }, { again: look, forward }),
      refusal && problem(refusal),
    );
  };
  draw(false);
  hasFaucet().then((faucet) => faucet && draw(true));
  return place;
}

function ready(purchase, { tx, pay, account, look, newOffer }) {
  const { payment } = purchase;
  const unsupported = tx.state.problem?.code === "permit.unsupported" && !account.allowed;
  const button = unsupported
    ? transactionButton(approvalOf(purchase), {
        text: `First let the escrow take ${coins(payment.fee_wei)}`,
        call: () => sendApproval(purchase),
        then: look,
      })
    : html`<button type="button" class="primary" id="pay" @click=${pay}>
        Pay ${coins(payment.fee_wei)}
      </button>`;
  return [
    html`<p>
      Your account holds ${coins(account.dml)} and ${coins(account.native, "native coin")}; the network fee is
      at most ${coins(account.gas, "native coin")}.
    </p>`,
    account.allowed || unsupported ? null : explainPermit(payment.fee_wei),
    html`<div class="ways">
      ${button} <button type="button" class="link" @click=${newOffer}>Give this offer up</button>
    </div>`,
  ];
}
