/** What wallets and chains say when they refuse, in plain words. */

import { CONTRACT_SENTENCES, fillIn } from "./contract-sentences.js";

/**
 * @typedef {"retry"|"coins"|"switch"|"connect"|"choose"|null} Forward what helps: again, more coins, the other chain, connecting, naming a wallet
 * @typedef {{name: string, values: Record<string, any>}} Decoded a contract's custom error
 */

/** A refusal of ours, said like those of wallets. */
export class WalletProblem extends Error {
  /** @param {string} code @param {string} message one sentence @param {Forward} [forward] */
  constructor(code, message, forward = "retry") {
    super(message);
    this.code = code;
    this.forward = forward;
  }
}

/** By the codes of EIP-1193, EIP-1474 and ethers. @type {Record<string, [string, string, Forward]>} */
const SAID = {
  4001: ["wallet.rejected", "You declined the request in your wallet; nothing was sent.", "retry"],
  ACTION_REJECTED: ["wallet.rejected", "You declined the request in your wallet; nothing was sent.", "retry"],
  "-32002": [
    "wallet.busy",
    "Your wallet still has an older request open: answer it there, then try again.",
    "retry",
  ],
  4100: [
    "wallet.not_allowed",
    "Your wallet does not let this page use that account: connect again.",
    "connect",
  ],
  4200: ["wallet.unsupported", "Your wallet cannot do this.", null],
  "-32601": ["wallet.unsupported", "Your wallet cannot do this.", null],
  "-32004": ["wallet.unsupported", "Your wallet cannot do this.", null],
  UNSUPPORTED_OPERATION: ["wallet.unsupported", "Your wallet cannot do this.", null],
  4900: ["wallet.disconnected", "Your wallet is not connected to any chain at present.", "retry"],
  4901: ["wallet.disconnected", "Your wallet is not connected to this chain at present.", "switch"],
  4902: ["wallet.unknown_chain", "Your wallet does not know this chain yet.", "switch"],
  NETWORK_ERROR: ["chain.unreachable", "Your wallet cannot reach the chain at present.", "retry"],
  TIMEOUT: ["chain.unreachable", "The chain did not answer in time.", "retry"],
  INSUFFICIENT_FUNDS: [
    "chain.no_coins",
    "Your account has too little of the chain's own coin to pay the network fee.",
    "coins",
  ],
  NONCE_EXPIRED: [
    "transaction.nonce",
    "Another transaction of your account was faster; nothing was sent.",
    "retry",
  ],
  REPLACEMENT_UNDERPRICED: [
    "transaction.nonce",
    "An earlier transaction of your account is still waiting, and this one's fee is too low to replace it.",
    "retry",
  ],
};

/** By what nodes and wallets write where they have no code. @type {[RegExp, string][]} */
const WRITTEN = [
  [/insufficient funds|doesn't have enough funds|not enough funds/i, "INSUFFICIENT_FUNDS"],
  [/nonce too low|nonce has already been used/i, "NONCE_EXPIRED"],
  [/replacement transaction underpriced/i, "REPLACEMENT_UNDERPRICED"],
  [/user (rejected|denied|cancell?ed)/i, "4001"],
  [/unrecognized chain|chain .*not been added/i, "4902"],
  [/failed to fetch|network ?error|connection refused|could not connect|cannot be reached/i, "NETWORK_ERROR"],
];

const COINS_MISSING = new Set(["ERC20InsufficientBalance"]);
const LONGEST = 200;

/** @type {((data: string) => Decoded|null)|null} */
let decodeRevert = null;

/** Told once by whoever knows the contracts: how revert data is read. @param {(data: string) => Decoded|null} decode */
export function decodeRevertsBy(decode) {
  decodeRevert = decode;
}

/**
 * One sentence, a stable code and what helps. Never throws, whatever it is given.
 * @param {any} error @returns {{code: string, message: string, forward: Forward, name?: string}}
 */
export function plain(error) {
  if (error instanceof WalletProblem) return problem(error.code, error.message, error.forward);
  if (isRefusal(error))
    return problem(error.code, error.message, error.status === 0 || error.status >= 500 ? "retry" : null);
  const layers = inside(error);
  const data = layers.map(revertData).find(Boolean);
  if (data) return reverted(data);
  for (const { code } of layers) if (SAID[code]) return problem(...SAID[code]);
  const words = layers.map(({ message }) => message).filter((text) => typeof text === "string");
  for (const [pattern, code] of WRITTEN)
    if (words.some((text) => pattern.test(text))) return problem(...SAID[code]);
  const refused = layers.find(({ code }) => code === "CALL_EXCEPTION" || code === 3);
  if (refused) return problem("chain.rejected", "The contract refuses this, without a reason.", "retry");
  const said = words.at(-1)?.split("\n")[0].slice(0, LONGEST);
  return problem(
    "wallet.failed",
    said ? `The wallet says: ${said}` : "The wallet failed without a reason.",
    "retry",
  );
}

function reverted(data) {
  const decoded = decodeRevert?.(data) ?? null;
  if (decoded === null)
    return problem(
      "chain.rejected",
      `The contract refuses this with the unknown error ${data.slice(0, 10)}.`,
      "retry",
    );
  const sentence = CONTRACT_SENTENCES[decoded.name];
  const message = sentence
    ? fillIn(sentence, decoded.values)
    : `The contract refuses this: ${decoded.values.reason ?? decoded.name}.`;
  return {
    ...problem("chain.rejected", message, COINS_MISSING.has(decoded.name) ? "coins" : "retry"),
    name: decoded.name,
  };
}

function problem(code, message, forward) {
  return { code, message, forward };
}

/** A refusal of the API has a dotted code, and no wallet's code has a dot. */
function isRefusal(error) {
  return error instanceof Error && typeof error.code === "string" && error.code.includes(".");
}

/** The error and what it wraps, the outermost first: wallets and libraries pack the first cause differently. */
function inside(error) {
  const found = [];
  const queue = [error];
  while (queue.length > 0 && found.length < 12) {
    const one = queue.shift();
    if (one === null || typeof one !== "object" || found.includes(one)) {
      if (typeof one === "string" && found.length === 0) found.push({ message: one });
      continue;
    }
    found.push(one);
    queue.push(one.info?.error, one.error, one.cause, one.data, one.originalError);
  }
  return found;
}

function revertData({ data, code }) {
  const text = typeof data === "string" ? data : (data?.data ?? data?.result);
  const isRevert = typeof text === "string" && /^0x([0-9a-f]{2}){4,}$/i.test(text);
  return isRevert && code !== 4001 ? text : null;
}
