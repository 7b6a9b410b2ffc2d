/** The wallet of this browser: which there are, the one connected, its account and chain. */

import { chainOf, moveTo } from "./chains.js";
import { checksummed } from "./checksum.js";
import { discover, legacy } from "./discovery.js";
import { WalletProblem } from "./plain.js";

const USED_LAST = "ecodml.wallet";
const ANNOUNCED_WITHIN_MS = 300;
const REMEMBERED_WITHIN_MS = 1000;

/** "change" tells of another account, chain or wallet, and of wallets found. */
class Wallet extends EventTarget {
  /** @type {import("./discovery.js").Announced[]} */
  #found = [];
  /** @type {import("./discovery.js").Announced|null} */
  #connected = null;
  #account = null;
  #chainId = null;
  #listening = new WeakSet();
  /** @type {Record<string, Promise<void>>} by chain: the wallet is being moved there */
  #moving = {};

  /** Settled once wallets had time to announce themselves and the last one was asked whether it is still connected. */
  ready;

  constructor() {
    super();
    this.ready = this.#start();
    window.addEventListener("storage", ({ key, newValue }) => key === USED_LAST && this.#followTab(newValue));
  }

  /** Wallets in this browser; one of before EIP-6963 only where no other is. */
  get providers() {
    const old = this.#found.length === 0 ? legacy() : null;
    return old ? [old] : [...this.#found];
  }

  /** Name and icon of the connected wallet. @returns {import("./discovery.js").Info|null} */
  get info() {
    return this.#connected?.info ?? null;
  }

  /** Checksum address. @returns {string|null} */
  get account() {
    return this.#account;
  }

  /** @returns {number|null} */
  get chainId() {
    return this.#account === null ? null : this.#chainId;
  }

  /** The connected wallet's own provider (EIP-1193). @throws {WalletProblem} `wallet.none` */
  get provider() {
    if (!this.#connected) throw new WalletProblem("wallet.none", "Connect a wallet first.", "connect");
    return this.#connected.provider;
  }

  /** A request to the connected wallet (EIP-1193). @param {string} method @param {any[]} [params] @returns {Promise<any>} */
  async request(method, params = []) {
    return this.provider.request({ method, params });
  }

  /**
   * Ask a wallet for its account.
   * @param {string} [uuid] which; needed only where there are several
   * @throws {WalletProblem} `wallet.missing`, `wallet.choose`, `wallet.no_account`; or what the wallet says
   */
  async connect(uuid) {
    const choice = this.providers;
    const chosen = uuid ? choice.find(({ info }) => info.uuid === uuid) : choice[0];
    if (!chosen) throw new WalletProblem("wallet.missing", "There is no wallet in this browser.", "connect");
    if (!uuid && choice.length > 1)
      throw new WalletProblem(
        "wallet.choose",
        "There are several wallets in this browser: choose one.",
        "choose",
      );
    await this.#take(chosen, "eth_requestAccounts");
    if (this.#account === null)
      throw new WalletProblem("wallet.no_account", "The wallet shows no account to this page.", "connect");
    localStorage.setItem(USED_LAST, chosen.info.rdns);
  }

  /** Forget the wallet, and let it forget this page where it can. */
  async disconnect() {
    const left = this.#connected;
    localStorage.removeItem(USED_LAST);
    this.#connected = null;
    this.#set(null, null);
    await left?.provider
      .request({ method: "wallet_revokePermissions", params: [{ eth_accounts: {} }] })
      .catch(() => {}); // Many wallets cannot; the page has forgotten it either way.
  }

  /** Let the person choose which account of the wallet this page may see. */
  async chooseAccount() {
    await this.request("wallet_requestPermissions", [{ eth_accounts: {} }]);
    await this.#read("eth_accounts");
  }

  /** Be on a chain, adding it to the wallet where needed. @param {"market"|"carbon"} name */
  ensureChain(name) {
    // Asked for twice at once, a wallet refuses the second: everybody waits for the same answer.
    this.#moving[name] ??= this.#move(name).finally(() => delete this.#moving[name]);
    return this.#moving[name];
  }

  /** Show DML among the wallet's tokens. @returns {Promise<boolean>} whether the person agreed */
  async watchToken() {
    const { reader } = await import("./contracts.js");
    const token = await reader("DMLToken");
    const [symbol, decimals, address] = await Promise.all([
      token.symbol(),
      token.decimals(),
      token.getAddress(),
    ]);
    const options = { address, symbol, decimals: Number(decimals) };
    return Boolean(
      await this.provider.request({ method: "wallet_watchAsset", params: { type: "ERC20", options } }),
    );
  }

  async #start() {
    const last = localStorage.getItem(USED_LAST);
    const back = new Promise((resume) => {
      discover((found) => {
        this.#found.push(found);
        this.dispatchEvent(new Event("change"));
        if (last && found.info.rdns === last && !this.#connected) resume(found);
      });
    });
    const waiting = last ? REMEMBERED_WITHIN_MS : ANNOUNCED_WITHIN_MS;
    const found = await Promise.race([back, pause(waiting).then(() => null)]);
    const known = found ?? (last === "legacy" ? legacy() : null);
    if (known) await this.#take(known, "eth_accounts").catch(() => {});
    else if (last) back.then((late) => this.#connected || this.#take(late, "eth_accounts")).catch(() => {});
    this.dispatchEvent(new Event("change"));
  }

  /** Another tab has connected a wallet, or forgotten it. */
  #followTab(rdns) {
    if (rdns === null) {
      this.#connected = null;
      this.#set(null, null);
    } else if (this.#connected?.info.rdns !== rdns) {
      const chosen = this.providers.find(({ info }) => info.rdns === rdns);
      if (chosen) this.#take(chosen, "eth_accounts").catch(() => {});
    }
  }

  async #take(chosen, method) {
    const before = this.#connected;
    this.#connected = chosen;
    try {
      await this.#read(method);
    } catch (error) {
      this.#connected = before;
      throw error;
    }
    if (this.#account === null) this.#connected = null;
    else this.#listen(chosen);
  }

  async #move(name) {
    await moveTo((method, params) => this.request(method, params), name);
    // Wallets tell of the change in their own time; who comes after this must see it.
    this.#set(this.#account, (await chainOf(name)).chain_id);
  }

  async #read(method) {
    const accounts = await this.request(method);
    const chainId = Number(await this.request("eth_chainId"));
    this.#set(accounts[0] ? await checksummed(accounts[0]) : null, chainId);
  }

  #listen(chosen) {
    if (this.#listening.has(chosen.provider)) return;
    this.#listening.add(chosen.provider);
    const mine = (act) => (told) => this.#connected?.provider === chosen.provider && act(told);
    const accounts = async ([first]) => this.#set(first ? await checksummed(first) : null, this.#chainId);
    chosen.provider.on?.("accountsChanged", mine(accounts));
    chosen.provider.on?.(
      "chainChanged",
      mine((id) => this.#set(this.#account, Number(id))),
    );
  }

  #set(account, chainId) {
    if (account === this.#account && chainId === this.#chainId) return;
    this.#account = account;
    this.#chainId = chainId;
    this.dispatchEvent(new Event("change"));
  }
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

export const wallet = new Wallet();
