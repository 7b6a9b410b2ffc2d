/** What the connected account holds on the chain its wallet is on; read without ethers, since every page shows it. */

import { chainNamed, chainOf } from "./chains.js";
import { wallet } from "./wallet.js";

const BALANCE_OF = "0x70a08231";

/**
 * @returns {Promise<{chain: "market"|"carbon"|null, name: string|null, coin: string, coinWei: bigint, dmlWei: bigint|null}|null>}
 *   null without a wallet; `chain` null, and no amounts, on a chain that is none of this network's; DML is on the market chain only
 */
export async function balances() {
  const account = wallet.account;
  if (account === null) return null;
  const chain = await chainNamed(wallet.chainId);
  if (chain === null) return { chain, name: null, coin: "coin", coinWei: 0n, dmlWei: null };
  const coinWei = BigInt(await wallet.request("eth_getBalance", [account, "latest"]));
  const { name, coin, contracts } = await chainOf(chain);
  const dmlWei = contracts.DMLToken ? await tokens(contracts.DMLToken.address, account) : null;
  return { chain, name, coin, coinWei, dmlWei };
}

async function tokens(token, account) {
  const data = BALANCE_OF + account.slice(2).toLowerCase().padStart(64, "0");
  const answer = await wallet.request("eth_call", [{ to: token, data }, "latest"]);
  return answer === "0x" ? null : BigInt(answer);
}
