/**
 * The page's state, changed only by `set`; components listen for "change" and read.
 * @typedef {{nodes: object[]|null, ticket: object|null, ticketLink: string|null, connection: string, problem: string|null}} State
 */
export class Store extends EventTarget {
  /** @type {State} */
  #state = { nodes: null, ticket: null, ticketLink: null, connection: "Connecting …", problem: null };

  get state() {
    return this.#state;
  }

  /** @param {Partial<State>} changes */
  set(changes) {
    this.#state = { ...this.#state, ...changes };
    this.dispatchEvent(new Event("change"));
  }

  /** A ticket as just heard of; an older version than the one shown is ignored. @param {object} ticket */
  heard(ticket) {
    const shown = this.#state.ticket;
    if (shown === null || shown.id !== ticket.id || ticket.version >= shown.version) {
      this.set({ ticket, problem: null });
    }
  }
}
