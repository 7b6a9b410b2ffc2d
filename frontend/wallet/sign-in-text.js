const STATEMENT = "Sign in to EcoDML.";
const LINK_STATEMENT = "Link this wallet to my EcoDML account.";

/**
 * The EIP-4361 text, the same as `backend/cli/signin.py` writes; with `links`, the id of an account, one that links the wallet to it
 * and signs nobody in.
 * @param {{site: string, account: string, chainId: number, nonce: string, at: Date, links?: string|null}} parts `site` with its scheme, as in
 *   https://example.org; `account` in checksum form; `at` with whole seconds kept
 */
export function signInText({ site, account, chainId, nonce, at, links = null }) {
  const issued = at.toISOString().replace(/\.\d+Z$/, "Z");
  return (
    `${new URL(site).host} wants you to sign in with your Ethereum account:\n${account}\n\n` +
    `${links === null ? STATEMENT : LINK_STATEMENT}\n\nURI: ${site}\nVersion: 1\nChain ID: ${chainId}\nNonce: ${nonce}\nIssued At: ${issued}` +
    (links === null ? "" : `\nRequest ID: ${links}`)
  );
}
