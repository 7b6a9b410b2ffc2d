/**
 * Looking a transaction up through a wallet's own JSON-RPC: one look gives one event of `transaction-state.js`.
 * @typedef {(method: string, params: any[]) => Promise<any>} Ask
 * @typedef {import("./transaction-state.js").State} State
 */

/**
 * Where a pending transaction stands.
 * @param {Ask} ask @param {State} state pending @param {{at: number, needed: number}} now Unix seconds; confirmations that count
 * @returns {Promise<{type: string, reverted?: boolean, [name: string]: any}>} `mined` with `reverted` has no problem in words yet
 */
export async function look(ask, state, { at, needed }) {
  const receipt = await ask("eth_getTransactionReceipt", [state.hash]);
  if (receipt?.blockNumber) {
    const block = Number(receipt.blockNumber);
    const head = Number(await ask("eth_blockNumber", []));
    const confirmations = Math.max(1, head - block + 1);
    return { type: "mined", block, confirmations, needed, reverted: Number(receipt.status) === 0 };
  }
  const known = await ask("eth_getTransactionByHash", [state.hash]);
  if (known) return { type: "seen", nonce: Number(known.nonce), request: requestOf(known) };
  // Until a node has shown it, its nonce is the one that was next when the wallet was asked.
  const nonce = state.nonce ?? state.count;
  if (nonce !== null && (await count(ask, state.account)) > nonce) {
    const other = await withNonce(ask, state.account, nonce, state.startBlock);
    if (other?.hash !== state.hash) return { type: "replaced", ...kind(state, other) };
  }
  return { type: "missing", at };
}

/**
 * What became of a request that a wallet was left with when the page was reloaded.
 * @param {Ask} ask @param {State} state waiting
 * @returns {Promise<{type: "sent", hash: string}|null>} null while nothing like it has been sent
 */
export async function findSent(ask, state) {
  if (!state.asked || state.count === null) return null;
  const like = (sent) => sent && same(requestOf(sent), state.asked);
  const pending = await ask("eth_getBlockByNumber", ["pending", true]).catch(() => null);
  const waiting = pending?.transactions?.find?.(
    (sent) => sent.from?.toLowerCase() === state.account && like(sent),
  );
  if (waiting) return { type: "sent", hash: waiting.hash };
  const sentSince = await count(ask, state.account);
  for (let nonce = state.count; nonce < sentSince; nonce += 1) {
    const sent = await withNonce(ask, state.account, nonce, state.startBlock);
    if (like(sent)) return { type: "sent", hash: sent.hash };
  }
  return null;
}

/** A transaction's request as states keep it. @returns {import("./transaction-state.js").Request} */
export function requestOf({ to, data, input, value }) {
  return {
    to: to?.toLowerCase() ?? null,
    data: (data ?? input ?? "0x").toLowerCase(),
    value: "0x" + BigInt(value ?? 0).toString(16),
  };
}

async function count(ask, account) {
  return Number(await ask("eth_getTransactionCount", [account, "latest"]));
}

/** The mined transaction with this nonce, found by halving the blocks; null where the chain keeps no such old state. */
async function withNonce(ask, account, nonce, fromBlock) {
  let [low, high] = [fromBlock ?? 0, Number(await ask("eth_blockNumber", []))];
  try {
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const before = await ask("eth_getTransactionCount", [account, hex(middle)]);
      if (Number(before) > nonce) high = middle;
      else low = middle + 1;
    }
    const block = await ask("eth_getBlockByNumber", [hex(low), true]);
    const sent = block?.transactions ?? [];
    return sent.find((one) => one.from.toLowerCase() === account && Number(one.nonce) === nonce) ?? null;
  } catch {
    return null;
  }
}

function kind(state, other) {
  if (other === null) return { how: "replaced", hash: null };
  const request = requestOf(other);
  if (state.asked && same(request, state.asked)) return { how: "faster", hash: other.hash };
  const nothing = request.to === state.account && request.data === "0x" && BigInt(request.value) === 0n;
  return { how: nothing ? "cancelled" : "replaced", hash: other.hash };
}

function same(one, other) {
  return one.to === other.to && one.data === other.data && BigInt(one.value) === BigInt(other.value);
}

const hex = (number) => "0x" + number.toString(16);
