/** Transactions as pages use them: asked for once, followed to their end, found again after a reload. */

import { config } from "/static/config.js";
import { isAsking, stopAsking, whileAsking } from "./asking.js";
import { chainOf } from "./chains.js";
import { plain, WalletProblem } from "./plain.js";
import { whyReverted } from "./revert-reason.js";
import { findSent, look } from "./transaction-look.js";
import { IDLE, isBusy, next } from "./transaction-state.js";
import { keep, kept, onKeptElsewhere, sweep } from "./transaction-store.js";
import { wallet } from "./wallet.js";

export { plain } from "./plain.js";
export { showTransaction, transactionButton } from "./transaction-view.js";

const LOOK_EVERY_MS = 1000;
const LOCAL_CHAINS = new Set([31337, 31338, 1337]);
const LOOK_EVERY_ELSEWHERE_MS = 4000;

sweep();

/**
 * One thing to be done on a chain, under a key that names it (for example `pay:JOB`). "change" tells of every step.
 * A key that is under way is never sent again, whichever page or tab asks.
 */
export class Transaction extends EventTarget {
  #state = IDLE;
  #isFollowed = false;
  /** What is asked of the wallet now; a later `run` or `stop` makes it stale. */
  #run = 0;
  #call = null;
  /** Why a look at a pending one is not possible at present, in words. @type {import("./transaction-state.js").Problem|null} */
  hindrance = null;

  /** @param {{key: string, label: string, chain?: "market"|"carbon"}} what `label` says what it does: "Pay 2 DML for job 0x12…" */
  constructor({ key, label, chain = "market" }) {
    super();
    this.key = key;
    this.label = label;
    this.chain = chain;
    this.#recall();
    onKeptElsewhere(key, () => this.#recall());
  }

  /** The one kept under `key`, followed on; null where there is none. @param {string} key @returns {Transaction|null} */
  static resume(key) {
    const record = kept(key);
    return record ? new Transaction({ key, label: record.label, chain: record.chain }) : null;
  }

  /** @returns {import("./transaction-state.js").State} */
  get state() {
    return this.#state;
  }

  get step() {
    return this.#state.step;
  }

  get hash() {
    return this.#state.hash;
  }

  /** Whether it is under way: its button is to be disabled. */
  get busy() {
    return isBusy(this.#state);
  }

  /** Whether the wallet was asked by this page before it was loaded again, so that its answer goes nowhere. */
  get isOrphan() {
    return this.step === "waiting" && this.#run === 0;
  }

  /**
   * Have the wallet send what `call` sends, and follow it. While one is under way under this key, that one is followed.
   * @param {() => Promise<{hash: string}>} call on a contract of `contracts.js`
   * @returns {Promise<boolean>} true once it is confirmed; false where it was declined or failed, as `state.problem` says
   */
  async run(call) {
    this.#call = call;
    this.#recall();
    if (this.isOrphan) await this.#find().catch(() => {});
    if (this.busy) return this.settled();
    const locks = navigator.locks;
    const send = () => this.#send(call);
    if (!locks) await send();
    else {
      // A second tab asks the same wallet for the same thing.
      await locks.request(lockOf(this.key), { ifAvailable: true }, (lock) => lock && send());
      this.#recall();
    }
    return this.settled();
  }

  /** Whether this page knows what to send again. */
  get canRetry() {
    return this.#call !== null && !this.busy;
  }

  /** The last `run` once more. @returns {Promise<boolean>} */
  retry() {
    return this.run(this.#call);
  }

  /** Wait no longer for the wallet's answer. */
  stop() {
    stopAsking();
    this.#run = 0;
    this.#take({ type: "stopped" });
  }

  /** Be idle again; one that is under way stays. */
  forget() {
    this.#take({ type: "forget" });
  }

  /** @returns {Promise<boolean>} once it is not under way any more: whether it is confirmed */
  settled() {
    return new Promise((done) => {
      const look = () => {
        if (this.busy) return;
        this.removeEventListener("change", look);
        done(this.step === "confirmed");
      };
      this.addEventListener("change", look);
      look();
    });
  }

  async #send(call) {
    if (isAsking()) {
      this.#refuse(
        new WalletProblem(
          "wallet.busy",
          "Your wallet is being asked about something else: answer that first.",
        ),
      );
      return;
    }
    const mine = Date.now();
    this.#run = mine;
    try {
      // Waiting from the first moment on, so that no second press gets through.
      this.#take({
        type: "start",
        account: wallet.account ?? "",
        chainId: null,
        ...this.#now(),
        block: null,
        count: null,
      });
      await whileAsking(
        (request) => this.#run === mine && this.#take({ type: "asked", request }),
        async () => {
          await wallet.ensureChain(this.chain);
          await this.#noteStart();
          const sent = await call();
          if (typeof sent?.hash !== "string")
            throw new TypeError(`The call of ${this.key} sent no transaction.`);
          this.#take({ type: "sent", hash: sent.hash });
        },
      );
    } catch (error) {
      if (error instanceof TypeError) console.error(error);
      if (this.#run === mine) this.#take({ type: "refused", problem: plain(error) });
    }
  }

  async #noteStart() {
    const ask = (method, params) => wallet.request(method, params);
    const { chain_id: chainId } = await chainOf(this.chain);
    const [block, count] = await Promise.all([
      ask("eth_blockNumber", []),
      ask("eth_getTransactionCount", [wallet.account, "pending"]),
    ]);
    const account = wallet.account.toLowerCase();
    this.#put({ ...this.#state, account, chainId, startBlock: Number(block), count: Number(count) });
  }

  #refuse(error) {
    this.#take({ type: "start", account: "", chainId: null, ...this.#now(), block: null, count: null });
    this.#take({ type: "refused", problem: plain(error) });
  }

  #now() {
    return { at: Math.floor(Date.now() / 1000) };
  }

  #take(event) {
    this.#put(next(this.#state, event));
  }

  #put(state) {
    if (state === this.#state) return;
    this.#state = state;
    keep(this.key, { label: this.label, chain: this.chain, state });
    this.#told();
  }

  #recall() {
    const record = kept(this.key);
    const state = record?.state ?? IDLE;
    if (JSON.stringify(state) !== JSON.stringify(this.#state)) {
      this.#state = state;
      this.#told();
    } else if (this.busy) this.#follow();
  }

  #told() {
    if (this.busy) this.#follow();
    this.dispatchEvent(new Event("change"));
  }

  #follow() {
    if (this.#isFollowed) return;
    this.#isFollowed = true;
    this.#watch().finally(() => (this.#isFollowed = false));
  }

  async #watch() {
    await wallet.ready;
    while (this.busy) {
      if (this.isOrphan && !this.#state.asked && !(await isHeld(this.key))) {
        this.stop(); // The page was left before the wallet was asked to send anything.
        return;
      }
      const before = this.hindrance?.code;
      this.hindrance = await this.#hindrance();
      try {
        if (!this.hindrance && this.step === "pending") await this.#look();
        else if (!this.hindrance && this.isOrphan) await this.#find();
      } catch (error) {
        this.hindrance = plain(error); // The next look may get through.
      }
      if (this.hindrance?.code !== before) this.dispatchEvent(new Event("change"));
      if (this.busy)
        await this.#pause(LOCAL_CHAINS.has(this.#state.chainId) ? LOOK_EVERY_MS : LOOK_EVERY_ELSEWHERE_MS);
    }
    this.hindrance = null;
  }

  /** Until the next look; a wallet's answer is looked at once. */
  #pause(ms) {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.addEventListener("change", () => (clearTimeout(timer), done()), { once: true });
    });
  }

  /** The chain is looked at through the wallet, so the wallet must be there and on that chain. */
  async #hindrance() {
    if (this.step === "waiting" && !this.isOrphan) return null;
    if (wallet.account === null)
      return {
        code: "wallet.none",
        message: "Connect your wallet to follow this transaction.",
        forward: "connect",
      };
    const { chain_id: chainId, name } = await chainOf(this.chain);
    if (wallet.chainId !== chainId)
      return {
        code: "wallet.wrong_chain",
        message: `Your wallet is on another chain; the transaction is on ${name}.`,
        forward: "switch",
      };
    return null;
  }

  async #look() {
    const ask = (method, params) => wallet.request(method, params);
    const { confirmations: needed } = await config();
    const looked = this.#state;
    const event = await look(ask, looked, { ...this.#now(), needed });
    if (event.reverted && event.confirmations >= needed)
      event.problem = await whyReverted(ask, looked, event.block);
    if (this.#state === looked) this.#take(event);
  }

  async #find() {
    const found = await findSent((method, params) => wallet.request(method, params), this.#state);
    if (found && this.isOrphan) this.#take(found);
  }
}

const lockOf = (key) => `ecodml ${key}`;

/** Whether another tab is having the wallet asked for this key. */
async function isHeld(key) {
  const { held } = (await navigator.locks?.query()) ?? { held: [] };
  return held.some(({ name }) => name === lockOf(key));
}
