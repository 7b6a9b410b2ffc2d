import { Refusal } from "/static/api.js";

/**
 * Do `work` now and then `seconds` after each end of it, until `signal` aborts; a hidden page waits.
 * Requests that fail are tried again at the next turn; the first failure is thrown to the caller.
 * @param {number} seconds @param {() => Promise<void>} work @param {AbortSignal} signal
 */
export async function every(seconds, work, signal) {
  await work();
  const again = async () => {
    while (!signal.aborted) {
      await pause(seconds, signal);
      await visible(signal);
      if (signal.aborted) return;
      try {
        await work();
      } catch (error) {
        if (error.name === "AbortError") return;
        if (!(error instanceof Refusal)) throw error;
      }
    }
  };
  again();
}

/**
 * Draws only when what is shown has changed, and gives the focus back to the element of the same id.
 * @template T @param {Element} place @param {(data: T) => void} draw into `place`
 * @returns {(data: T) => void}
 */
export function drawWhenChanged(place, draw) {
  let last;
  return (data) => {
    const now = JSON.stringify(data, (_, value) => (typeof value === "bigint" ? String(value) : value));
    if (now === last) return;
    last = now;
    const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
    draw(data);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };
}

function pause(seconds, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, seconds * 1000);
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}

function visible(signal) {
  if (!document.hidden) return Promise.resolve();
  return new Promise((done) => {
    document.addEventListener("visibilitychange", () => done(), { once: true, signal });
    signal.addEventListener("abort", () => done(), { once: true });
  });
}
