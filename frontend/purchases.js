/**
 * What was bought in this browser, by ticket: kept before a payment leaves, so that the money can be found, and taken back alone
 * after the deadline, whatever happens to this page or to the operator.
 */

const PREFIX = "ecodml.purchase.";

/**
 * As `ecodml reclaim FILE` reads it. Amounts in wei, `deadline` in Unix seconds.
 * @typedef {{ticket: string, api: string, rpc_url: string, chain_id: number, escrow: string, token: string, job_id: string,
 *   ref: string, customer: string, fee_wei: string, deadline: number, dataset_sha256: string, file: string,
 *   transaction: string}} Receipt
 * @typedef {{receipt: Receipt, payment: object, facts: object, spec: object, names: string[], at: number}} Purchase `names` of the
 *   files that were chosen, `at` Unix seconds
 */

/** "change" when a purchase was kept or forgotten, in this tab or in another. */
class Purchases extends EventTarget {
  constructor() {
    super();
    window.addEventListener("storage", ({ key }) => {
      if (key === null || key.startsWith(PREFIX)) this.dispatchEvent(new Event("change"));
    });
  }

  /** @returns {Purchase[]} the newest first */
  all() {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    return keys
      .map((key) => parsed(localStorage.getItem(key)))
      .filter(Boolean)
      .sort((one, other) => other.at - one.at);
  }

  /** @param {string} ticket @returns {Purchase|null} */
  of(ticket) {
    return parsed(localStorage.getItem(PREFIX + ticket));
  }

  /** Throws QuotaExceededError where the browser keeps nothing: then nothing may be paid. @param {Purchase} purchase */
  keep(purchase) {
    localStorage.setItem(PREFIX + purchase.receipt.ticket, JSON.stringify(purchase));
    this.dispatchEvent(new Event("change"));
  }

  /** Write down by which transaction it was paid. @param {string} ticket @param {string} hash */
  paidBy(ticket, hash) {
    const purchase = this.of(ticket);
    if (purchase && purchase.receipt.transaction !== hash) {
      this.keep({ ...purchase, receipt: { ...purchase.receipt, transaction: hash } });
    }
  }

  /** @param {string} ticket */
  forget(ticket) {
    localStorage.removeItem(PREFIX + ticket);
    this.dispatchEvent(new Event("change"));
  }
}

export const purchases = new Purchases();

/**
 * The record of an offer that was agreed to.
 * @param {{ticket: object, payment: object}} offer of POST /api/quotes @param {string} rpcUrl of the market chain
 * @param {string[]} names of the chosen files @returns {Purchase}
 */
export function purchaseOf({ ticket, payment }, rpcUrl, names) {
  const receipt = {
    ticket: ticket.id,
    api: location.origin,
    rpc_url: rpcUrl,
    chain_id: payment.chain_id,
    escrow: payment.escrow,
    token: payment.token,
    job_id: payment.job_id,
    ref: payment.ref,
    customer: ticket.customer,
    fee_wei: payment.fee_wei,
    deadline: payment.deadline,
    dataset_sha256: ticket.dataset.sha256,
    file: names.join(" + "),
    transaction: "",
  };
  const at = Math.floor(Date.now() / 1000);
  return { receipt, payment, facts: ticket.dataset, spec: ticket.spec, names, at };
}

/** A purchase's receipt as a file for `ecodml reclaim`. @param {Purchase} purchase @returns {Blob} */
export function receiptFile({ receipt }) {
  // The command line has the fee as a number; JSON's digits hold it whole.
  const text = JSON.stringify(receipt, null, 2).replace(/("fee_wei": )"(\d+)"/, "$1$2");
  return new Blob([text], { type: "application/json" });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Not written by this page.
  }
}
