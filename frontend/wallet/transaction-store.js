/** Transactions kept over a reload, in this browser, by key. */

const PREFIX = "ecodml.transaction.";
const KEPT_S = 30 * 86_400;

/** @param {string} key @returns {any|null} what was kept */
export function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null; // Not ours to read: as good as nothing.
  }
}

/** @param {string} key @param {{state: {step: string, startedAt: number|null}}} record */
export function keep(key, record) {
  if (record.state.step === "idle") localStorage.removeItem(PREFIX + key);
  else localStorage.setItem(PREFIX + key, JSON.stringify(record));
}

/** Hear when another tab changes what is kept under `key`. @param {string} key @param {() => void} act @param {AbortSignal} [signal] */
export function onKeptElsewhere(key, act, signal) {
  window.addEventListener("storage", (event) => event.key === PREFIX + key && act(), { signal });
}

/** Drop what is too old to matter, so that the store does not grow for ever. */
export function sweep(now = Date.now() / 1000) {
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith(PREFIX)) continue;
    const record = kept(name.slice(PREFIX.length));
    const old = now - (record?.state?.startedAt ?? 0) > KEPT_S;
    if (old && record?.state?.step !== "pending") localStorage.removeItem(name);
  }
}
