/** Signing in with the wallet (EIP-4361): the text names site, chain and a single-use nonce, so it is good for nothing else. */

import { post } from "/static/api.js";
import { session } from "/static/session.js";
import { chainOf } from "./chains.js";
import { signInText } from "./sign-in-text.js";
import { wallet } from "./wallet.js";

/** Have the wallet sign, and get this browser a session of its account. Throws what the wallet or the API says. */
export async function signIn() {
  const account = wallet.account;
  const { chain_id: chainId } = await chainOf("market");
  const { nonce } = await post("/api/auth/nonce");
  const message = signInText({ site: location.origin, account, chainId, nonce, at: new Date() });
  const signature = await wallet.request("personal_sign", [hexOf(message), account]);
  await post("/api/auth/login", { message, signature, cookie: true });
  await session.refresh();
}

function hexOf(text) {
  const bytes = new TextEncoder().encode(text);
  return "0x" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
