/** Letting the escrow take DML: one signature (EIP-2612), or an approval on chain where the wallet cannot sign one. */

import { html } from "/static/html.js";
import { coins, duration } from "/static/units.js";
import { contract, deployed, ethers, reader } from "./contracts.js";
import { plain, WalletProblem } from "./plain.js";
import { wallet } from "./wallet.js";

/** How long a signed permission is good for, in seconds. */
const PERMIT_S = 3600;

const TYPES = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

/**
 * Have the wallet sign that `spender` may take exactly `value` of DML.
 * @param {{spender: string, value: bigint|string}} asked a contract's name, such as "JobEscrow"; wei
 * @returns {Promise<{deadline: bigint, v: number, r: string, s: string}>} what the `…WithPermit` calls take
 * @throws {WalletProblem} `permit.unsupported`: use `approve` and the call without permit; else what the wallet says
 */
export async function signPermit({ spender, value }) {
  const library = await ethers();
  const token = await reader("DMLToken");
  const owner = wallet.account;
  const [domain, nonce, block] = await Promise.all([
    token.eip712Domain(),
    token.nonces(owner),
    token.runner.getBlock("latest"),
  ]);
  const deadline = BigInt(block.timestamp + PERMIT_S);
  const { address } = await deployed(spender);
  const message = { owner, spender: address, value: BigInt(value), nonce, deadline };
  const { name, version, chainId, verifyingContract } = domain;
  const signed = { name, version, chainId, verifyingContract };
  const signature = await typedSignature(library, signed, message);
  try {
    if (library.verifyTypedData(signed, TYPES, message, signature) === owner) {
      const { v, r, s } = library.Signature.from(signature);
      return { deadline, v, r, s };
    }
  } catch {
    // A contract's wallet signs in a form of its own, which no token can check: treated like another's signature.
  }
  throw unsupported();
}

/** Approve `spender` for exactly `value` on chain: a call for a Transaction of its own. @returns {Promise<{hash: string}>} */
export async function approve({ spender, value }) {
  const { address } = await deployed(spender);
  return (await contract("DMLToken")).approve(address, BigInt(value));
}

/** Wei of DML that `spender` may take from the connected account already. @param {string} spender @returns {Promise<bigint>} */
export async function allowance(spender) {
  const { address } = await deployed(spender);
  return (await reader("DMLToken")).allowance(wallet.account, address);
}

/** What the person is about to be asked by the wallet, in words. @param {bigint|string} value wei of DML */
export function explainPermit(value) {
  return html`<p class="note">
    Your wallet asks twice. First for a <strong>signature</strong>: it lets the escrow contract take exactly
    ${coins(value)} from your account, once, within ${duration(PERMIT_S)}; it costs nothing. Then for the
    <strong>transaction</strong> that pays the fee into escrow: this costs a small network fee. Until nodes
    have done the work, the money is yours.
  </p>`;
}

async function typedSignature(library, domain, message) {
  const document = library.TypedDataEncoder.getPayload(domain, TYPES, message);
  try {
    return await wallet.request("eth_signTypedData_v4", [message.owner, JSON.stringify(document)]);
  } catch (error) {
    if (plain(error).code === "wallet.unsupported") throw unsupported();
    throw error;
  }
}

function unsupported() {
  return new WalletProblem(
    "permit.unsupported",
    "Your wallet cannot sign this kind of permission: approve the amount with a transaction first.",
    null,
  );
}
