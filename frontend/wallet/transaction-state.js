/**
 * The life of one transaction as a pure function: idle, waiting for the wallet, pending, confirmed or failed.
 * Nothing here looks at a chain, a clock or a store; `transactions.js` does.
 *
 * @typedef {{code: string, message: string, forward: string|null}} Problem
 * @typedef {{to: string|null, data: string, value: string}} Request what the wallet was asked to send, in lower-case hex
 * @typedef {object} State JSON, so that it can be kept over a reload
 * @property {"idle"|"waiting"|"pending"|"confirmed"|"failed"} step
 * @property {string|null} account lower-case address that sends
 * @property {number|null} chainId
 * @property {number|null} startedAt Unix seconds
 * @property {number|null} startBlock the chain's newest block when the wallet was asked
 * @property {number|null} count transactions of the account before this one, waiting ones too
 * @property {Request|null} asked
 * @property {string|null} hash
 * @property {string[]} earlier hashes that this one took the place of
 * @property {number|null} nonce
 * @property {number|null} block where it was mined
 * @property {number} confirmations blocks on it, its own included
 * @property {number|null} missingSince Unix seconds since when no node has known it
 * @property {string|null} note a word on something unusual that is not a failure
 * @property {Problem|null} problem of a failed one
 */

/** How long no node may know a transaction before it counts as dropped, in seconds. */
const DROPPED_AFTER_S = 120;

/** @type {State} */
export const IDLE = Object.freeze({
  step: "idle",
  account: null,
  chainId: null,
  startedAt: null,
  startBlock: null,
  count: null,
  asked: null,
  hash: null,
  earlier: [],
  nonce: null,
  block: null,
  confirmations: 0,
  missingSince: null,
  note: null,
  problem: null,
});

const TAKEN_BACK = "The chain took its newest blocks back; waiting for the transaction again.";
const FAILURES = {
  cancelled: {
    code: "transaction.cancelled",
    message: "The transaction was cancelled in the wallet; it had no effect.",
    forward: "retry",
  },
  replaced: {
    code: "transaction.replaced",
    message: "Another transaction of your account took its place; this one had no effect.",
    forward: "retry",
  },
  dropped: {
    code: "transaction.dropped",
    message:
      "No node of the chain knows this transaction any more: it was dropped, usually because its fee was too low.",
    forward: "retry",
  },
};

/** Whether a transaction is under way, so that its key must not be sent again. @param {State} state */
export function isBusy(state) {
  return state.step === "waiting" || state.step === "pending";
}

/**
 * The state after `event`; the same object where the event changes nothing.
 * @param {State} state @param {{type: string, [name: string]: any}} event
 * @returns {State}
 */
export function next(state, event) {
  const step = STEPS[event.type];
  if (!step) throw new TypeError(`A transaction knows no event ${event.type}.`);
  return step(state, event);
}

const STEPS = {
  /** The wallet is about to be asked: {account, chainId, at, block, count}. */
  start(state, { account, chainId, at, block, count }) {
    if (isBusy(state)) return state;
    return {
      ...IDLE,
      step: "waiting",
      account: account.toLowerCase(),
      chainId,
      startedAt: at,
      startBlock: block,
      count,
    };
  },

  /** What exactly it is asked: {request}. */
  asked(state, { request }) {
    return state.step === "waiting" ? { ...state, asked: request } : state;
  },

  /** The wallet has sent it: {hash}. Taken from a wallet that answers after all, too. */
  sent(state, { hash }) {
    if (state.step === "pending" || state.step === "confirmed") return state;
    return { ...state, step: "pending", hash, note: null, problem: null, confirmations: 0 };
  },

  /** The wallet, or a check before it, said no: {problem}. */
  refused(state, { problem }) {
    return state.step === "waiting" ? { ...state, step: "failed", problem } : state;
  },

  /** The person waits no longer for the wallet. */
  stopped(state) {
    return state.step === "waiting" ? { ...state, step: "idle" } : state;
  },

  /** A node knows it, unmined: {nonce, request}. */
  seen(state, { nonce, request }) {
    if (state.step !== "pending") return state;
    const returned = state.block !== null;
    return {
      ...state,
      nonce,
      asked: request ?? state.asked,
      block: null,
      confirmations: 0,
      missingSince: null,
      note: returned
        ? "The chain took its newest blocks back; waiting for the transaction again."
        : state.note,
    };
  },

  /** It stands in a block: {block, confirmations, needed, problem}; `problem` where the contract refused it. */
  mined(state, { block, confirmations, needed, problem }) {
    if (state.step !== "pending") return state;
    const mined = { ...state, block, confirmations, missingSince: null };
    if (confirmations < needed) return mined;
    return problem ? { ...mined, step: "failed", problem } : { ...mined, step: "confirmed" };
  },

  /** Another transaction with its nonce was mined: {how: "faster"|"cancelled"|"replaced", hash}. */
  replaced(state, { how, hash }) {
    if (state.step !== "pending") return state;
    const earlier = [...state.earlier, state.hash];
    if (how === "faster")
      return { ...state, hash, earlier, missingSince: null, note: "It was sent again with a higher fee." };
    return { ...state, step: "failed", hash: hash ?? state.hash, earlier, problem: FAILURES[how] };
  },

  /** No node knows it: {at}. */
  missing(state, { at }) {
    if (state.step !== "pending") return state;
    if (state.missingSince === null) {
      const note = state.block === null ? state.note : TAKEN_BACK;
      return { ...state, missingSince: at, block: null, confirmations: 0, note };
    }
    if (at - state.missingSince < DROPPED_AFTER_S) return state;
    return { ...state, step: "failed", problem: FAILURES.dropped };
  },

  /** It is not of interest any more. */
  forget(state) {
    return isBusy(state) ? state : IDLE;
  },
};
