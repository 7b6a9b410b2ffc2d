/** The deployed contracts, through the wallet. ethers is loaded here, when it is first needed. */

import { config } from "/static/config.js";
import { chainOf } from "./chains.js";
import { decodeRevertsBy, WalletProblem } from "./plain.js";
import { noteRequest } from "./asking.js";
import { requestOf } from "./transaction-look.js";
import { wallet } from "./wallet.js";

const checked = new Set();

/** @returns {Promise<any>} the library; from then on reverts are decoded, too */
export async function ethers() {
  const library = await import("/vendor/ethers.min.js");
  await learnErrors(library);
  return library;
}

/**
 * A contract to send to, with the connected account as signer; the wallet is moved to the contract's chain first.
 * A call gives `{hash}` as soon as the wallet has sent it.
 * @param {string} name as in `/api/config` @returns {Promise<any>} an ethers v6 Contract
 */
export async function contract(name) {
  const { chainName, address, abi } = await deployed(name);
  const library = await ethers();
  await wallet.ensureChain(chainName);
  const provider = await onChain(library, chainName, address);
  return new library.Contract(address, abi, signerOf(library, provider, wallet.account));
}

/** The same contract to read from. The wallet must be on its chain already, or is asked to go there. @param {string} name */
export async function reader(name) {
  const { chainName, address, abi } = await deployed(name);
  const library = await ethers();
  await wallet.ensureChain(chainName);
  return new library.Contract(address, abi, await onChain(library, chainName, address));
}

/** Where a contract is. @param {string} name @returns {Promise<{chainName: "market"|"carbon", address: string, abi: any[]}>} */
export async function deployed(name) {
  const known = await config();
  const chainName = ["market", "carbon"].find((chain) => known[chain]?.contracts[name]);
  if (!chainName) throw new WalletProblem("chain.none", `This network has no contract ${name}.`, null);
  return { chainName, ...known[chainName].contracts[name] };
}

/** The wallet's provider on a chain, once it is certain that this is the chain the contracts were deployed to. */
async function onChain(library, chainName, address) {
  const { chain_id: chainId, name } = await chainOf(chainName);
  const provider = new library.BrowserProvider(wallet.provider, chainId, { cacheTimeout: -1 });
  const place = `${chainId}:${address}`;
  if (!checked.has(place)) {
    if ((await provider.getCode(address)) === "0x")
      throw new WalletProblem(
        "chain.other",
        `Your wallet's chain ${chainId} is not this network's: there is no contract at ${address}. Check the address ` +
          `of the node that your wallet uses for ${name}.`,
        null,
      );
    checked.add(place);
  }
  return provider;
}

function signerOf(library, provider, account) {
  const signer = new library.JsonRpcSigner(provider, account);
  // ethers would wait until a node has seen the transaction; a reload in that time would lose its hash.
  signer.sendTransaction = async (asked) => {
    const { to, data, value } = asked;
    noteRequest(requestOf({ to: await to, data, value }));
    const hash = await signer.sendUncheckedTransaction(asked);
    return { ...asked, hash, from: account, to: await to, blockNumber: null, blockHash: null };
  };
  return signer;
}

async function learnErrors(library) {
  const known = await config();
  const abis = ["market", "carbon"].flatMap((chain) => Object.values(known[chain]?.contracts ?? {}));
  const errors = abis.flatMap(({ abi }) => abi.filter(({ type }) => type === "error"));
  const fragments = new Map(errors.map((error) => [JSON.stringify(error), error]));
  const known_errors = new library.Interface([...fragments.values()]);
  decodeRevertsBy((data) => {
    const found = known_errors.parseError(data);
    if (!found) return null;
    return { name: found.name, values: namedValues(found) };
  });
}

function namedValues({ fragment, args }) {
  return Object.fromEntries(fragment.inputs.map(({ name }, index) => [name || String(index), args[index]]));
}
