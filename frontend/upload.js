/**
 * Sending a file to object storage: slices with `Content-Range`, continued where the store says it stands. What is the
 * browser's (requests, time, the network coming back) is passed in: `upload-transport.js`.
 */

export const SLICE_BYTES = 8 * 1024 * 1024;
const RESUME_INCOMPLETE = 308;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const BUSY = new Set([0, 408, 425, 429]);
const REFUSALS_IN_A_ROW = 4;

/** A store that refuses for good: a dotted code and a sentence. */
export class UploadRefused extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @typedef {{status: number, range: string|null, code?: string, message?: string}} Answer `status` 0: nobody answered
 * @typedef {{sent: number, size: number, waiting: number|null, reason: string|null}} Progress bytes; `waiting` is how many ms until
 *   the next attempt, null while sending, and `reason` why it waits
 * @typedef {object} Way
 * @property {() => Promise<string>} newUrl a fresh signed URL; what it throws ends the upload, unless `status` is 0 or 5xx
 * @property {(url: string, range: string, body: Blob|null, sending: (bytes: number) => void, signal: AbortSignal) => Promise<Answer>} put
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} wait less when the network comes back
 * @property {(progress: Progress) => void} progress
 * @property {AbortSignal} signal ends it (to pause, too): calling again goes on where the store stands
 */

/**
 * Send `file` whole. It asks first how far an earlier attempt got, and never gives up on a network that is away; a store that
 * refuses is asked again with a fresh address, a few times.
 * @param {Blob} file @param {Way} way
 * @returns {Promise<void>} throws UploadRefused, AbortError, or what `newUrl` throws
 */
export async function upload(file, way) {
  let sent = 0;
  let known = false;
  let url = null;
  let failures = 0;
  let refusals = 0;
  const tell = (bytes, waiting = null, reason = null) =>
    way.progress({ sent: bytes, size: file.size, waiting, reason });
  while (!known || sent < file.size) {
    way.signal.throwIfAborted();
    try {
      url ??= await way.newUrl();
      sent = known ? await putSlice(url, file, sent, way, tell) : await stored(url, file.size, way);
      known = true;
      failures = refusals = 0;
      tell(sent);
    } catch (error) {
      way.signal.throwIfAborted();
      if (!passing(error) && (!(error instanceof NotTaken) || ++refusals === REFUSALS_IN_A_ROW)) throw error;
      const pause = Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS);
      failures += 1;
      known = false;
      url = null;
      tell(sent, pause, error.message);
      await way.wait(pause, way.signal);
    }
  }
}

async function putSlice(url, file, start, way, tell) {
  const end = Math.min(start + SLICE_BYTES, file.size);
  const range = `bytes ${start}-${end - 1}/${file.size}`;
  const sending = (bytes) => tell(Math.min(start + bytes, end));
  return position(await way.put(url, range, file.slice(start, end), sending, way.signal), file.size);
}

async function stored(url, size, way) {
  return position(await way.put(url, `bytes */${size}`, null, () => {}, way.signal), size);
}

/** How many bytes the store holds, as it answers. */
function position(answer, size) {
  if (answer.status >= 200 && answer.status < 300) return size;
  if (answer.status !== RESUME_INCOMPLETE) throw new NotTaken(answer);
  if (answer.range === null) return 0;
  const held = /^bytes=0-(\d+)$/.exec(answer.range);
  if (held === null || Number(held[1]) >= size) {
    const sentence = `The object store answered with a range that makes no sense: ${answer.range}.`;
    throw new UploadRefused("upload.range", sentence);
  }
  return Number(held[1]) + 1;
}

/** A request that the store did not take; perhaps the next one it will. */
class NotTaken extends UploadRefused {
  constructor({ status, code, message }) {
    const sentence =
      status === 0 ? "The connection is interrupted." : `The object store answered with ${status}.`;
    super(code ?? (status === 0 ? "upload.interrupted" : "upload.status"), message ?? sentence);
    this.status = status;
  }
}

function passing({ status }) {
  return typeof status === "number" && (BUSY.has(status) || status >= 500);
}
