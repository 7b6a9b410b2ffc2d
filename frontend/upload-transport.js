/** How a browser sends slices: requests that tell how far they got, and pauses that end when the network comes back. */

import { UploadRefused } from "/static/upload.js";

const EXPECTED = "application/octet-stream";

/**
 * One PUT; never rejects for a lost connection, which is an answer with `status` 0, but for a file that cannot be read any more:
 * UploadRefused `upload.file`.
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
    request.addEventListener("error", () => lost(body).then(finish, fail));
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

/** A request fails alike for want of a network and for want of its file. */
async function lost(body) {
  try {
    await body?.slice(0, 1).arrayBuffer();
  } catch {
    throw new UploadRefused("upload.file", "The file cannot be read any more: it was changed or moved.");
  }
  return { status: 0, range: null };
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
