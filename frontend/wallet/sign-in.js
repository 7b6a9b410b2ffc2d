/** Signing in with the wallet (EIP-4361): the text names site, chain and a single-use nonce, so it is good for nothing else. */

import { post } from "/static/api.js";
import { session } from "/static/session.js";
import { chainOf } from "./chains.js";
import { signInText } from "./sign-in-text.js";
import { wallet } from "./wallet.js";

/** Have the wallet sign, and get this browser a session of its account. Throws what the wallet or the API says. */
export async function signIn() {
  await post("/api/auth/login", { ...(await signed(null)), cookie: true });
  await session.refresh();
}

/** Have the wallet sign that it becomes one of the signed-in account's. Throws what the wallet or the API says. */
export async function linkWallet() {
  await post("/api/account/wallets", await signed(session.user.id));
  await session.refresh();
}

/** Let this session act for the wallet's account, which is linked to the user already. Throws the API's refusal. */
export async function useLinked() {
  await post("/api/account/wallets/use", { address: wallet.account });
  await session.refresh();
}

async function signed(links) {
  const account = wallet.account;
  const { chain_id: chainId } = await chainOf("market");
  const { nonce } = await post("/api/auth/nonce");
  const message = signInText({ site: location.origin, account, chainId, nonce, at: new Date(), links });
  const signature = await wallet.request("personal_sign", [hexOf(message), account]);
  return { message, signature };
}

function hexOf(text) {
  const bytes = new TextEncoder().encode(text);
  return "0x" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
