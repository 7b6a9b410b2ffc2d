export const STATEMENT = "Sign in to EcoDML.";

/**
 * The EIP-4361 text, the same as `backend/cli/signin.py` writes.
 * @param {{site: string, account: string, chainId: number, nonce: string, at: Date}} parts `site` with its scheme, as in
 *   https://example.org; `account` in checksum form; `at` with whole seconds kept
 */
export function signInText({ site, account, chainId, nonce, at }) {
  const issued = at.toISOString().replace(/\.\d+Z$/, "Z");
  return (
    `${new URL(site).host} wants you to sign in with your Ethereum account:\n${account}\n\n` +
    `${STATEMENT}\n\nURI: ${site}\nVersion: 1\nChain ID: ${chainId}\nNonce: ${nonce}\nIssued At: ${issued}`
  );
}
