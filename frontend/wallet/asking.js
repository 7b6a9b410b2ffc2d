/**
 * Which transaction the wallet is being asked about. There is one at a time: a wallet shows one request, and with two
 * open nobody could tell which of them is meant.
 */

/** @type {((request: import("./transaction-state.js").Request) => void)|null} */
let listener = null;

/** Whether the wallet is being asked about a transaction of this page. */
export function isAsking() {
  return listener !== null;
}

/** Do `work`; what the wallet is asked to send meanwhile is told to `heard`. @template T @param {(request: any) => void} heard @param {() => Promise<T>} work @returns {Promise<T>} */
export async function whileAsking(heard, work) {
  listener = heard;
  try {
    return await work();
  } finally {
    if (listener === heard) listener = null;
  }
}

/** The person waits no longer for the wallet; a late answer still finds its transaction. */
export function stopAsking() {
  listener = null;
}

/** The wallet is now asked to send this. @param {import("./transaction-state.js").Request} request */
export function noteRequest(request) {
  listener?.(request);
}
