/** Uploads under way in this tab. They go on while the reader looks at other pages of the site. */

import { post } from "/static/api.js";
import { forgetFile } from "/static/purchase/kept-files.js";
import { upload } from "/static/upload.js";
import { put, wait } from "/static/upload-transport.js";

/** Refusals after which the file is of no more use. */
const OVER = new Set(["ticket.not_funded", "job.expired"]);
const RATE_OVER_MS = 5000;

/**
 * @typedef {"idle"|"sending"|"waiting"|"paused"|"elsewhere"|"checking"|"done"|"failed"} Step `waiting` for the network,
 *   `elsewhere`: another tab sends it
 * @typedef {{step: Step, sent: number, size: number, rate: number|null, retryAt: number|null,
 *   problem: {code: string, message: string, status?: number}|null}} State bytes, bytes/s, `retryAt` in ms since 1970
 */

/** The sending of one ticket's file; "change" tells of every step. */
export class Upload extends EventTarget {
  /** @type {State} */
  state = { step: "idle", sent: 0, size: 0, rate: null, retryAt: null, problem: null };
  #stop = null;
  #file = null;
  #marks = [];

  /** @param {string} ticket */
  constructor(ticket) {
    super();
    this.ticket = ticket;
  }

  get busy() {
    return ["sending", "waiting", "checking"].includes(this.state.step);
  }

  /** Send the file, from where an earlier attempt got to. @param {Blob} file */
  async start(file) {
    if (this.busy) return;
    this.#file = file;
    this.#stop = new AbortController();
    this.#marks = [];
    this.#set({ step: "sending", size: file.size, rate: null, retryAt: null, problem: null });
    const { signal } = this.#stop;
    try {
      await alone(`ecodml upload ${this.ticket}`, signal, () => this.#send(file, signal));
    } catch (error) {
      if (signal.aborted) return;
      if (OVER.has(error.code)) await forgetFile(this.ticket);
      if (error instanceof ElsewhereError) this.#set({ step: "elsewhere" });
      else this.#set({ step: "failed", problem: error });
    }
  }

  pause() {
    this.#stop?.abort();
    this.#set({ step: "paused", rate: null, retryAt: null });
  }

  /** Go on after a pause or a failure. */
  resume() {
    if (this.#file) return this.start(this.#file);
  }

  /** Try now instead of waiting on. */
  tryNow() {
    window.dispatchEvent(new Event("online"));
  }

  async #send(file, signal) {
    await upload(file, {
      signal,
      put,
      wait,
      newUrl: async () => (await post(`/api/tickets/${this.ticket}/upload`, {}, { signal })).url,
      progress: (at) => this.#progress(at),
    });
    this.#set({ step: "checking", sent: file.size, rate: null });
    await post(`/api/tickets/${this.ticket}/uploaded`, {}, { signal });
    await forgetFile(this.ticket);
    this.#set({ step: "done" });
  }

  #progress({ sent, size, waiting, reason }) {
    if (waiting !== null) {
      this.#marks = [];
      const problem = { code: "upload.interrupted", message: reason };
      this.#set({ step: "waiting", sent, size, rate: null, retryAt: Date.now() + waiting, problem });
      return;
    }
    const now = performance.now();
    this.#marks = [...this.#marks.filter(([at]) => now - at < RATE_OVER_MS), [now, sent]];
    const [from, had] = this.#marks[0];
    const rate = now - from > 500 ? Math.max(0, ((sent - had) * 1000) / (now - from)) : this.state.rate;
    this.#set({ step: "sending", sent, size, rate, retryAt: null, problem: null });
  }

  #set(changes) {
    this.state = { ...this.state, ...changes };
    this.dispatchEvent(new Event("change"));
  }
}

/** @type {Map<string, Upload>} */
const under = new Map();

/** The upload of a ticket in this tab, under way or not. @param {string} ticket */
export function uploadOf(ticket) {
  if (!under.has(ticket)) under.set(ticket, new Upload(ticket));
  return under.get(ticket);
}

class ElsewhereError extends Error {}

/** Two tabs sending slices of one file would only throw each other's away. */
async function alone(name, signal, work) {
  if (!navigator.locks) return work();
  return navigator.locks.request(name, { ifAvailable: true }, (lock) => {
    if (lock === null) throw new ElsewhereError();
    signal.throwIfAborted();
    return work();
  });
}
