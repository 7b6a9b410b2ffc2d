import { connection, get, post, Refusal, useCsrf } from "/static/api.js";

/**
 * Who is signed in; "change" tells when that changes.
 * @typedef {{id: string, email: string|null, email_verified: boolean, wallets: string[], address: string|null,
 *   roles: {arbiter: boolean, admin: boolean}}} User
 */
class Session extends EventTarget {
  /** @type {User|null} */
  #user = null;

  /** Settled when it is known for the first time who is signed in. @type {Promise<void>} */
  ready;

  constructor() {
    super();
    this.ready = this.refresh().catch(() => {});
    connection.addEventListener("signed-out", () => this.refresh().catch(() => {}));
  }

  /** @returns {User|null} */
  get user() {
    return this.#user;
  }

  /** Ask again who is signed in. */
  async refresh() {
    let said = { user: null, csrf: null };
    try {
      said = await get("/api/auth/session");
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || refusal.status === 0) throw refusal;
    }
    const before = JSON.stringify(this.#user);
    this.#user = said.user;
    useCsrf(said.csrf);
    if (JSON.stringify(said.user) !== before) this.dispatchEvent(new Event("change"));
  }

  /** End the session of this browser. */
  async signOut() {
    await post("/api/auth/logout");
    await this.refresh();
  }
}

export const session = new Session();
