/** What the API wants paid, held against what was asked for, so that the payment commits to that and to nothing else. */

import { bare, specificationHash } from "./canonical.js";

const REFERENCE_BYTES = 32;

/**
 * What an offer gets wrong; an empty list where the payment may be signed.
 * @param {object} offer of POST /api/quotes: `{ticket, payment, quote}`
 * @param {object} asked
 * @param {object} asked.market of GET /api/config: `{chain_id, contracts}`
 * @param {object} asked.facts the dataset as the customer's own browser read it
 * @param {object} asked.spec the options that were chosen; a learning rate of 0 is the optimizer's own
 * @param {string} asked.account the wallet that is to pay
 * @param {(bytes: Uint8Array) => string|Promise<string>} sha256 gives hex
 * @returns {Promise<string[]>} names of what differs
 */
export async function differences(offer, { market, facts, spec, account }, sha256) {
  const { payment, ticket, quote } = offer;
  const { JobEscrow: escrow, DMLToken: token } = market.contracts;
  const agreed = {
    "dataset hash": bare(payment.dataset_hash) === bare(facts.sha256),
    specification: chosen(spec).every(([name, value]) => ticket.spec[name] === value),
    "specification hash": bare(payment.spec_hash) === (await hashOf(ticket.spec, sha256)),
    escrow: same(payment.escrow, escrow.address),
    token: same(payment.token, token.address),
    chain: payment.chain_id === market.chain_id,
    fee: payment.fee_wei === quote.fee_wei && BigInt(payment.fee_wei) > 0n,
    deadline: payment.deadline === ticket.deadline,
    "paying account": same(ticket.customer, account),
    reference: bare(payment.ref).length === 2 * REFERENCE_BYTES && payment.job_id === ticket.job_id,
  };
  return Object.keys(agreed).filter((what) => !agreed[what]);
}

function chosen(spec) {
  return Object.entries(spec).filter(([name, value]) => !(name === "learning_rate" && value === 0));
}

async function hashOf(spec, sha256) {
  try {
    return await specificationHash(spec, sha256);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

const same = (one, other) => String(one).toLowerCase() === String(other).toLowerCase();
