import { post } from "/static/api.js";
import { toast } from "/static/components/notice.js";
import { config } from "/static/config.js";
import { coins } from "/static/units.js";
import { chainOf } from "./chains.js";

/** Whether this network hands out coins for trying things: local chains only. @returns {Promise<boolean>} */
export async function hasFaucet() {
  return Boolean((await config()).faucet);
}

/** Coins for an account, on a local chain. Throws the API's refusal. @param {string} address */
export async function getCoins(address) {
  const { coin } = await chainOf("market");
  const { dml_wei: dml, native_wei: native } = await post("/api/faucet", { address });
  balancesChanged.dispatchEvent(new Event("change"));
  toast(`The faucet sent ${coins(dml)} and ${coins(native, coin)} to your account.`);
}

/** "change" when an account's balances are likely to be others than before. */
export const balancesChanged = new EventTarget();
