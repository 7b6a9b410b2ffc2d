/**
 * The file of a purchase, found again after a reload: small ones as a copy in this browser, until they are uploaded; of large ones
 * only where they are, where the browser can keep that. What cannot be kept is chosen again.
 */

const DATABASE = "ecodml";
const STORE = "files";
const DRAFT = "draft";
const MARK = "ecodml.draft.files";
const LARGEST_COPY = 64 * 1024 * 1024;

/** Chosen in this page: nothing needs to be read back. @type {Map<string, Blob>} */
const inHand = new Map();

/**
 * Keep a purchase's file. Best effort: a browser that keeps nothing only means choosing it again.
 * @param {string} ticket @param {Blob} file what is uploaded @param {FileSystemFileHandle|null} [handle] where it is
 */
export async function keepFile(ticket, file, handle = null) {
  inHand.set(ticket, file);
  if (file.size > LARGEST_COPY && handle === null) return;
  const kept = file.size > LARGEST_COPY ? { handle } : { file };
  await store("readwrite", (files) => files.put(kept, ticket)).catch(() => {});
}

/**
 * @param {string} ticket
 * @returns {Promise<{file: Blob|null, handle: FileSystemFileHandle|null}>} the very file; else where it is, or was: to be read with
 *   `openFile`, and to be looked at before it is used
 */
export async function keptFile(ticket) {
  if (inHand.has(ticket)) return { file: inHand.get(ticket), handle: null };
  const kept = await store("readonly", (files) => files.get(ticket)).catch(() => undefined);
  if (kept?.file) return { file: kept.file, handle: null };
  return { file: null, handle: kept?.handle ?? null };
}

/** Whether a file may be read where it is without asking. @param {FileSystemFileHandle} handle */
export async function mayOpen(handle) {
  return (await handle.queryPermission?.({ mode: "read" })) === "granted";
}

/** Read a file where it is, once the person allows it; null where not. @param {FileSystemFileHandle} handle @returns {Promise<File|null>} */
export async function openFile(handle) {
  const allowed = await handle.requestPermission({ mode: "read" });
  return allowed === "granted" ? handle.getFile() : null;
}

/** Nothing of the file stays behind. @param {string} ticket */
export async function forgetFile(ticket) {
  inHand.delete(ticket);
  await store("readwrite", (files) => files.delete(ticket)).catch(() => {});
}

/** Files that were chosen and not bought yet, for when the page is loaded again in this tab. @param {File[]} files */
export async function keepDraft(files) {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > LARGEST_COPY) return forgetDraft();
  try {
    await store("readwrite", (kept) => kept.put(files, DRAFT));
    sessionStorage.setItem(MARK, DRAFT);
  } catch {
    // They are then chosen again.
  }
}

/** @returns {Promise<File[]>} none where another visit left them: that one's copy goes */
export async function draft() {
  if (sessionStorage.getItem(MARK) === DRAFT)
    return (await store("readonly", (kept) => kept.get(DRAFT)).catch(() => null)) ?? [];
  await forgetDraft();
  return [];
}

/** Nothing of the chosen files stays behind. */
export async function forgetDraft() {
  sessionStorage.removeItem(MARK);
  await forgetFile(DRAFT);
}

function store(mode, act) {
  return new Promise((done, fail) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => (database.close(), done(request.result));
      transaction.onerror = transaction.onabort = () => (database.close(), fail(transaction.error));
    };
  });
}
