/** The HTTP API: JSON in, JSON out; what it refuses is thrown as a Refusal. */

/** A refusal by the API, or nobody there to answer. */
export class Refusal extends Error {
  /** @param {string} code @param {string} message one sentence @param {number} [status] of HTTP; 0 where nobody answered */
  constructor(code, message, status = 0) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** "online" and "offline" as requests succeed and fail; "signed-out" when a session has ended. */
export const connection = new EventTarget();

const CSRF_HEADER = "X-CSRF-Token";
let csrf = null;

/** The token that state-changing requests of this session carry. @param {string|null} token */
export function useCsrf(token) {
  csrf = token;
}

/** @param {string} path @param {{signal?: AbortSignal}} [options] @returns {Promise<any>} */
export function get(path, { signal } = {}) {
  return ask(path, { signal });
}

/** @param {string} path @param {object} [body] @param {{signal?: AbortSignal}} [options] @returns {Promise<any>} */
export function post(path, body = {}, { signal } = {}) {
  return ask(path, { method: "POST", body: JSON.stringify(body), signal });
}

async function ask(path, options) {
  const headers = { Accept: "application/json" };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.method === "POST" && csrf) headers[CSRF_HEADER] = csrf;
  let answer;
  try {
    answer = await fetch(path, { ...options, headers, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    connection.dispatchEvent(new Event("offline"));
    throw new Refusal("api.unreachable", "The server does not answer.");
  }
  connection.dispatchEvent(new Event("online"));
  const document = await answer.json().catch(() => ({}));
  if (answer.ok) return document;
  const { code = "api.status", message = `The server answered with ${answer.status}.` } =
    document.error ?? {};
  // Signed in anew in another tab: the next try carries that session's token.
  if (answer.status === 401 || code === "auth.csrf") connection.dispatchEvent(new Event("signed-out"));
  throw new Refusal(code, message, answer.status);
}
