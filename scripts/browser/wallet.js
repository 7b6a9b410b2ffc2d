// Announces test wallets to a page as EIP-6963 providers. Every request goes to Python (scripts/browser/wallet.py), which
// decides and signs. Run before the page's own scripts; WALLETS is filled in with `[{uuid, name, icon, rdns}]`.
(() => {
  if (window.top !== window || window.testWallets) return;
  const wallets = new Map();
  const held = new Map();
  // Answers that overtook the news that their request is kept waiting: the two come by ways of their own.
  const early = new Map();

  class TestProvider {
    #listeners = new Map();

    constructor(uuid) {
      this.uuid = uuid;
    }

    async request({ method, params = [] }) {
      const answer = await window.testWalletRequest(this.uuid, method, params);
      if (!("held" in answer)) return settle(this, answer);
      if (early.has(answer.held)) return settle(this, early.get(answer.held));
      return new Promise((...ends) => held.set(answer.held, ends));
    }

    on(name, listener) {
      this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
      return this;
    }

    removeListener(name, listener) {
      const others = (this.#listeners.get(name) ?? []).filter((each) => each !== listener);
      this.#listeners.set(name, others);
      return this;
    }

    emit(name, data) {
      for (const listener of this.#listeners.get(name) ?? []) listener(data);
    }
  }

  /** Tells the events that a request caused, then ends it as the wallet decided. */
  function settle(provider, { result, error, events = [] }) {
    for (const [name, data] of events) provider.emit(name, data);
    if (error) throw Object.assign(new Error(error.message), error);
    return result;
  }

  window.testWallets = {
    emit: (uuid, name, data) => wallets.get(uuid)?.emit(name, data),
    /** Ends a request that was kept waiting. */
    release(uuid, id, answer) {
      const [resolve, reject] = held.get(id) ?? [];
      held.delete(id);
      if (!resolve) {
        early.set(id, answer);
        return;
      }
      try {
        resolve(settle(wallets.get(uuid), answer));
      } catch (error) {
        reject(error);
      }
    },
  };

  for (const info of WALLETS) {
    const provider = new TestProvider(info.uuid);
    wallets.set(info.uuid, provider);
    const announce = () =>
      window.dispatchEvent(
        new CustomEvent("eip6963:announceProvider", {
          detail: Object.freeze({ info: Object.freeze(info), provider }),
        }),
      );
    window.addEventListener("eip6963:requestProvider", announce);
    announce();
  }
})();
