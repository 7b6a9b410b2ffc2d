/** How a browser sends slices: requests that tell how far they got, and pauses that end when the network comes back. */

const EXPECTED = "application/octet-stream";

/**
 * One PUT; never rejects for a lost connection, which is an answer with `status` 0.
 * @type {import("/static/upload.js").Way["put"]}
 */
export function put(url, range, body, sending, signal) {
  return new Promise((done, stop) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const end = (settle) => (value) => {
      signal.removeEventListener("abort", abort);
      settle(value);
    };
    const [finish, fail] = [end(done), end(stop)];
    request.open("PUT", url);
    request.setRequestHeader("Content-Range", range);
    if (body) request.setRequestHeader("Content-Type", EXPECTED);
    request.upload.addEventListener("progress", ({ loaded }) => sending(loaded));
    request.addEventListener("load", () => finish(answered(request)));
    request.addEventListener("error", () => finish({ status: 0, range: null }));
    request.addEventListener("timeout", () => finish({ status: 0, range: null }));
    request.addEventListener("abort", () => fail(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    request.send(body);
  });
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} sooner when the network comes back */
export function wait(ms, signal) {
  return new Promise((done) => {
    const ended = new AbortController();
    const end = () => {
      clearTimeout(timer);
      ended.abort();
      done();
    };
    const timer = setTimeout(end, ms);
    window.addEventListener("online", end, { signal: ended.signal });
    signal.addEventListener("abort", end, { signal: ended.signal });
  });
}

function answered(request) {
  const refusal = request.status >= 400 ? errorIn(request.responseText) : {};
  return { status: request.status, range: request.getResponseHeader("Range"), ...refusal };
}

function errorIn(text) {
  try {
    const { code, message } = JSON.parse(text).error;
    return { code, message };
  } catch {
    return {}; // Other stores say it in their own way; the status is enough.
  }
}
