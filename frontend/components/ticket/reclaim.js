import { html } from "/static/html.js";
import { purchases } from "/static/purchases.js";
import { coins } from "/static/units.js";
import { noteRequest } from "/static/wallet/asking.js";
import { contract } from "/static/wallet/contracts.js";
import { connectPanel } from "/static/wallet/connect-panel.js";
import { Transaction, transactionButton } from "/static/wallet/transactions.js";
import { wallet } from "/static/wallet/wallet.js";

const RECLAIM_SELECTOR = "0x96afb365";

/**
 * Taking a fee back from the escrow after the deadline: one transaction of the customer's wallet, nobody's permission.
 * @param {{ticket: string, job: string, fee: string, signal?: AbortSignal}} what `job` 0x hex, `fee` in wei
 */
export function reclaimButton({ ticket, job, fee, signal }) {
  const tx = new Transaction({ key: `reclaim:${job}`, label: `Take ${coins(fee)} back` });
  const button = () =>
    transactionButton(tx, { text: `Take ${coins(fee)} back now`, call: () => reclaim(ticket, job) });
  return html`<div class="reclaim">
    ${connectPanel({ chain: "market", needsSession: false, signal, then: button })}
  </div>`;
}

/** Through the contract as deployed; as the receipt in this browser names it where the server tells nothing. */
async function reclaim(ticket, job) {
  const kept = purchases.of(ticket)?.receipt;
  try {
    const escrow = await contract("JobEscrow");
    return await escrow.reclaim(job);
  } catch (error) {
    const unreachable = error.code === "api.unreachable" || error instanceof TypeError;
    if (!kept || !unreachable) throw error;
    return bare(kept);
  }
}

async function bare({ escrow, job_id: job }) {
  const request = { from: wallet.account, to: escrow, data: RECLAIM_SELECTOR + job.slice(2), value: "0x0" };
  noteRequest({ to: escrow.toLowerCase(), data: request.data, value: "0x0" });
  return { hash: await wallet.request("eth_sendTransaction", [request]) };
}
