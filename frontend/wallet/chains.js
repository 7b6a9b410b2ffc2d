/** The two chains as wallets are told of them. */

import { config } from "/static/config.js";
import { WalletProblem } from "./plain.js";

/** @typedef {"market"|"carbon"} ChainName */

/** What `GET /api/config` says of a chain. @param {ChainName} name @returns {Promise<any>} */
export async function chainOf(name) {
  const chain = (await config())[name];
  if (!chain) throw new WalletProblem("chain.none", `This network has no ${name} chain.`, null);
  return chain;
}

/** Which of the two a chain id is. @param {number|null} chainId @returns {Promise<ChainName|null>} */
export async function chainNamed(chainId) {
  const known = await config();
  return ["market", "carbon"].find((name) => known[name]?.chain_id === chainId) ?? null;
}

/**
 * Move a wallet to a chain, adding the chain where the wallet does not know it.
 * @param {(method: string, params: any[]) => Promise<any>} ask the wallet
 * @param {ChainName} name @throws {WalletProblem} `wallet.wrong_chain` when the wallet says yes and stays where it was
 */
export async function moveTo(ask, name) {
  const chain = await chainOf(name);
  const here = async () => Number(await ask("eth_chainId", []));
  if ((await here()) === chain.chain_id) return;
  const chainId = "0x" + chain.chain_id.toString(16);
  try {
    await ask("wallet_switchEthereumChain", [{ chainId }]);
  } catch (error) {
    if (!isUnknownChain(error)) throw error;
    if (!chain.rpc_url)
      throw new WalletProblem(
        "wallet.unknown_chain",
        `Your wallet does not know ${chain.name} (chain ${chain.chain_id}): add it there by hand, then try again.`,
      );
    await ask("wallet_addEthereumChain", [addition(chain)]);
    // Some wallets add a chain without going there.
    if ((await here()) !== chain.chain_id) await ask("wallet_switchEthereumChain", [{ chainId }]);
  }
  if ((await here()) !== chain.chain_id)
    throw new WalletProblem(
      "wallet.wrong_chain",
      `Your wallet stayed on another chain: choose ${chain.name} (chain ${chain.chain_id}) in it.`,
      "switch",
    );
}

function addition({ chain_id: id, name, rpc_url: url, coin, explorer_url: explorer }) {
  return {
    chainId: "0x" + id.toString(16),
    chainName: name,
    nativeCurrency: { name: coin, symbol: coin, decimals: 18 },
    rpcUrls: [url],
    ...(explorer ? { blockExplorerUrls: [explorer] } : {}),
  };
}

/** 4902 may come bare, or wrapped by the wallet's mobile side as -32603. */
function isUnknownChain(error) {
  const codes = [error?.code, error?.data?.code, error?.data?.originalError?.code, error?.cause?.code];
  return codes.includes(4902) || /unrecognized chain/i.test(error?.message ?? "");
}
