import { plain } from "./plain.js";

/**
 * Why a contract refused a mined transaction: the chain is asked to do the same again, on the state before its block and after it.
 * @param {import("./transaction-look.js").Ask} ask @param {import("./transaction-state.js").State} state @param {number} block
 * @returns {Promise<import("./transaction-state.js").Problem>}
 */
export async function whyReverted(ask, state, block) {
  const { to, data, value } = state.asked ?? {};
  await (await import("./contracts.js")).ethers();
  for (const at of to ? [block - 1, block] : [])
    try {
      await ask("eth_call", [{ from: state.account, to, data, value }, "0x" + at.toString(16)]);
    } catch (error) {
      const said = plain(error);
      if (said.code === "chain.rejected") return said;
    }
  return { code: "chain.rejected", message: "The contract refused the transaction.", forward: "retry" };
}
