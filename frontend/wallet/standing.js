/** What a page still needs of its reader: a pure look at wallet and session. */

/**
 * @typedef {object} Standing
 * @property {string|null} account the wallet's, checksum
 * @property {number|null} chainId the wallet's
 * @property {{address: string|null, wallets: string[]}|null} user signed in
 * @property {boolean} wantsWallet @property {boolean} wantsSession
 * @property {number|null} wantsChain a chain id
 */

/**
 * @param {Standing} standing
 * @returns {"ready"|"connect"|"sign-in"|"other-account"|"link"|"switch"} the first thing that is missing
 */
export function missing({ account, chainId, user, wantsWallet, wantsSession, wantsChain }) {
  if (wantsSession && user === null) return account === null ? "connect" : "sign-in";
  if (!wantsWallet) return "ready";
  if (account === null) return "connect";
  if (wantsSession && user.address === null) return "link";
  if (wantsSession && !same(user.address, account)) return "other-account";
  if (wantsChain !== null && chainId !== wantsChain) return "switch";
  return "ready";
}

/** Whether the session acts for another account than the wallet shows. */
export function isOtherAccount(account, user) {
  return account !== null && Boolean(user?.address) && !same(user.address, account);
}

function same(one, other) {
  return one.toLowerCase() === other.toLowerCase();
}
