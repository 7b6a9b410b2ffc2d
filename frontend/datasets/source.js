/** The bytes of a file: its size, its hash, and what kind of file its first bytes say it is. */

import { sha256 } from "/vendor/noble/sha2.js";
import { DatasetInvalid, quoted } from "/static/datasets/refusal.js";

export const BLOCK = 1024 * 1024;

const UNSUPPORTED = [
  ["\x89PNG", "a PNG image"],
  ["\xff\xd8\xff", "a JPEG image"],
  ["GIF8", "a GIF image"],
  ["%PDF", "a PDF document"],
  ["\x89HDF", "an HDF5 file"],
  ["PAR1", "a Parquet file"],
  ["7z\xbc\xaf", "a 7z archive"],
  ["Rar!", "a RAR archive"],
  ["BZh", "a bzip2 file"],
  ["\xfd7zXZ", "an xz file"],
  ["\x28\xb5\x2f\xfd", "a Zstandard file"],
  ["\xd0\xcf\x11\xe0", "an old Office document"],
];

/** Bytes of a part of a file. @param {Blob} file  @param {number} start  @param {number} end exclusive */
export async function bytes(file, start, end) {
  return new Uint8Array(await file.slice(start, end).arrayBuffer());
}

/** Whether bytes begin with these. @param {Uint8Array} data  @param {string} magic one character per byte */
export function beginsWith(data, magic) {
  if (data.length < magic.length) return false;
  for (let i = 0; i < magic.length; i++) if (data[i] !== magic.charCodeAt(i)) return false;
  return true;
}

/** Refuse a file that is empty or beyond the limit. @param {Blob} file  @param {string} name  @param {import("/static/datasets/limits.js").Limits} limits */
export function checkSize(file, name, limits) {
  if (file.size === 0) throw new DatasetInvalid("dataset.empty", `The file ${quoted(name)} is empty.`);
  if (file.size > limits.maxBytes) {
    throw new DatasetInvalid(
      "dataset.too_large",
      `The file ${quoted(name)} has ${file.size} bytes, more than the ${limits.maxBytes} that are possible.`,
    );
  }
}

/** A running SHA-256: `update(bytes)`, `digest()`. */
export function newHash() {
  return sha256.create();
}

/** @param {Uint8Array} digest */
export function hex(digest) {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 of the whole file, hexadecimal. @param {Blob} file  @param {(read: number) => void} heard */
export async function sha256Of(file, heard) {
  const running = newHash();
  for (let at = 0; at < file.size; at += BLOCK) {
    running.update(await bytes(file, at, at + BLOCK));
    heard(Math.min(BLOCK, file.size - at));
  }
  return hex(running.digest());
}

/** `zip` (also NPZ) or `text` (to be tried as CSV), by content: a file's name proves nothing. @param {Blob} file  @param {string} name */
export async function containerOf(file, name) {
  const start = await bytes(file, 0, 512);
  if (beginsWith(start, "PK\x03\x04") || beginsWith(start, "PK\x05\x06")) return "zip";
  const gzip = beginsWith(start, "\x1f\x8b");
  if (isIdx(start) || (gzip && name.toLowerCase().includes("idx"))) {
    throw new DatasetInvalid(
      "dataset.idx_alone",
      `${quoted(name)} is one half of an IDX dataset: put the images file and the labels file into one zip.`,
    );
  }
  if (gzip) throw unknown(name, "is a gzip file: unpack it before the upload");
  if (beginsWith(start, "\x93NUMPY")) {
    throw unknown(name, "is a single NumPy array: save inputs x and labels y in one .npz file");
  }
  for (const [magic, what] of UNSUPPORTED) {
    if (beginsWith(start, magic)) {
      throw unknown(
        name,
        `is ${what}: a dataset is a CSV, an NPZ, a zip with an IDX pair or a zip of class folders`,
      );
    }
  }
  return "text";
}

/** Whether a file that begins so is in IDX format. @param {Uint8Array} start */
export function isIdx(start) {
  const [zero, none, type, dimensions] = start;
  return (
    start.length >= 4 &&
    !zero &&
    !none &&
    [8, 9, 11, 12, 13, 14].includes(type) &&
    dimensions > 0 &&
    dimensions < 5
  );
}

/** @param {string} name  @param {string} why */
function unknown(name, why) {
  return new DatasetInvalid("dataset.unknown_format", `${quoted(name)} ${why}.`);
}
