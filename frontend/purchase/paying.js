/** Putting a fee into escrow: what the account has, whether the escrow takes it, one signature and one transaction. */

import { coins } from "/static/units.js";
import { contract, reader } from "/static/wallet/contracts.js";
import { allowance, approve, signPermit } from "/static/wallet/permit.js";
import { WalletProblem } from "/static/wallet/plain.js";
import { Transaction } from "/static/wallet/transactions.js";
import { wallet } from "/static/wallet/wallet.js";

/** More than opening a job with a permit takes (about 200 000). */
const PAYMENT_GAS = 350_000n;
const NONE = 0n;

/**
 * Whether the connected account can pay now, asked of the chain itself.
 * @param {import("/static/purchases.js").Purchase} purchase
 * @returns {Promise<{dml: bigint, native: bigint, gas: bigint, paused: boolean, opened: boolean, late: boolean,
 *   allowed: boolean}>} wei; `opened`: the escrow has this job already; `late`: the offer's deadline has passed, by the chain's
 *   clock; `allowed`: the escrow may take the fee without a permit
 */
export async function standing({ payment }) {
  const [escrow, token] = [await reader("JobEscrow"), await reader("DMLToken")];
  const provider = escrow.runner;
  const [dml, native, fees, paused, job, block, mayTake] = await Promise.all([
    token.balanceOf(wallet.account),
    provider.getBalance(wallet.account),
    provider.getFeeData(),
    escrow.paused(),
    escrow.job(payment.job_id),
    provider.getBlock("latest"),
    allowance("JobEscrow"),
  ]);
  const gas = PAYMENT_GAS * (fees.maxFeePerGas ?? fees.gasPrice ?? 0n);
  const late = block.timestamp >= payment.deadline;
  const allowed = mayTake >= BigInt(payment.fee_wei);
  return { dml, native, gas, paused, opened: job.status !== NONE, late, allowed };
}

/** The transaction that pays for a purchase, wherever it stands. @param {import("/static/purchases.js").Purchase} purchase */
export function paymentOf({ payment, receipt }) {
  const label = `Pay ${coins(payment.fee_wei)} into escrow for ${receipt.file}`;
  return new Transaction({ key: `pay:${payment.job_id}`, label, chain: "market" });
}

/** The transaction that lets the escrow take the fee, for wallets that cannot sign a permit. */
export function approvalOf({ payment }) {
  const label = `Let the escrow take ${coins(payment.fee_wei)}`;
  return new Transaction({ key: `approve:${payment.job_id}`, label, chain: "market" });
}

/** What `approvalOf` sends. */
export function sendApproval({ payment }) {
  return approve({ spender: "JobEscrow", value: payment.fee_wei });
}

/**
 * What `paymentOf` sends: a permit is signed first, unless the escrow was allowed to take the fee by a transaction before.
 * @param {import("/static/purchases.js").Purchase} purchase @param {{approved?: boolean}} [how]
 * @returns {Promise<{hash: string}>} throws `payment.account`, `payment.done`, or what the wallet says
 */
export async function sendPayment({ payment, receipt }, { approved = false } = {}) {
  const escrow = await contract("JobEscrow");
  const { ref, spec_hash: spec, dataset_hash: dataset, fee_wei: fee, deadline } = payment;
  if ((await escrow.jobIdOf(wallet.account, ref)) !== payment.job_id) {
    const sentence = `This offer was made for the account ${receipt.customer}: choose that one in your wallet.`;
    throw new WalletProblem("payment.account", sentence, "choose");
  }
  if ((await escrow.job(payment.job_id)).status !== NONE) {
    throw new WalletProblem("payment.done", "This job is paid already; nothing was sent.", null);
  }
  if (approved) return escrow.openJob(ref, spec, dataset, fee, deadline);
  const { deadline: until, v, r, s } = await signPermit({ spender: "JobEscrow", value: fee });
  return escrow.openJobWithPermit(ref, spec, dataset, fee, deadline, until, v, r, s);
}
