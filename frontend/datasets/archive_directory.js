/** The central directory of a zip, as Python's `zipfile` finds and reads it. */

import { DatasetInvalid, quoted } from "/static/datasets/refusal.js";
import { beginsWith, bytes } from "/static/datasets/source.js";

/**
 * @typedef {object} Member
 * @property {string} stored the path as it stands in the directory
 * @property {string} name the same up to a NUL
 * @property {number} flags
 * @property {number} method
 * @property {number} crc
 * @property {number} packed bytes
 * @property {number} size bytes once unpacked
 * @property {number} attributes
 * @property {number} offset of the local header
 */

const DIRECTORY_BYTES_PER_MEMBER = 256;
const END_RECORD_BYTES = 128 * 1024;
const [END_BYTES, END64_BYTES, LOCATOR_BYTES, ENTRY_BYTES] = [22, 56, 20, 46];
const LONGEST_COMMENT = 65_536;
const NEWEST_VERSION = 63;
const UTF8_NAME = 0x800;
const [ALL32, ALL64] = [0xffffffff, 0xffffffffffffffffn];
const CP437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xa0";

/** Why an archive cannot be read, in the words of `zipfile`. */
export class BadZip extends Error {}

/**
 * All entries, folders included.
 * @param {File} file  @param {import("/static/datasets/limits.js").Limits} limits
 * @returns {Promise<Member[]>}
 */
export async function directoryOf(file, limits) {
  try {
    return await entriesOf(file, limits.maxMembers * DIRECTORY_BYTES_PER_MEMBER + END_RECORD_BYTES);
  } catch (error) {
    if (!(error instanceof BadZip)) throw error;
    throw new DatasetInvalid(
      "dataset.zip_broken",
      `The archive ${quoted(file.name)} is damaged: ${error.message}.`,
    );
  }
}

/** @param {File} file  @param {number} cap most bytes of a directory */
async function entriesOf(file, cap) {
  const end = await endOf(file);
  if (!end) throw new BadZip("File is not a zip file");
  const { size, offset, location, is64 } = end;
  const concat = location - size - offset - (is64 ? END64_BYTES + LOCATOR_BYTES : 0);
  if (offset + concat < 0) throw new BadZip("Bad offset for central directory");
  if (size > cap) {
    throw new DatasetInvalid(
      "dataset.too_many_members",
      "The archive's directory is longer than any possible dataset's.",
    );
  }
  const data = await bytes(file, offset + concat, offset + concat + size);
  const members = [];
  for (let at = 0; at < size;) {
    const { member, length } = entryAt(data, at);
    member.offset += concat;
    members.push(member);
    at += length;
  }
  return members;
}

/** The record at the end of the file that says where the directory is. @param {File} file */
async function endOf(file) {
  const last = await bytes(file, Math.max(0, file.size - END_BYTES), file.size);
  if (last.length < END_BYTES) return null;
  if (beginsWith(last, "PK\x05\x06") && !last[20] && !last[21]) {
    return end64(file, record(last, file.size - END_BYTES));
  }
  const from = Math.max(file.size - LONGEST_COMMENT - END_BYTES, 0);
  const data = await bytes(file, from, file.size);
  for (let at = data.length - 4; at >= 0; at--) {
    if (data[at] !== 0x50 || !beginsWith(data.subarray(at, at + 4), "PK\x05\x06")) continue;
    if (at + END_BYTES > data.length) return null;
    return end64(file, record(data.subarray(at, at + END_BYTES), from + at));
  }
  return null;
}

/** @param {Uint8Array} data  @param {number} location */
function record(data, location) {
  const view = viewOf(data);
  return { size: view.getUint32(12, true), offset: view.getUint32(16, true), location, is64: false };
}

/** The 64-bit record in its place, where there is one. */
async function end64(file, end) {
  const at = end.location - LOCATOR_BYTES;
  if (at < 0) return end;
  const locator = await bytes(file, at, end.location);
  if (!beginsWith(locator, "PK\x06\x07")) return end;
  const disks = viewOf(locator);
  if (disks.getUint32(4, true) !== 0 || disks.getUint32(16, true) > 1) {
    throw new BadZip("zipfiles that span multiple disks are not supported");
  }
  if (at - END64_BYTES < 0) throw new BadZip("File is not a zip file");
  const whole = await bytes(file, at - END64_BYTES, at);
  if (!beginsWith(whole, "PK\x06\x06")) return end;
  const view = viewOf(whole);
  const long = (where) => Number(view.getBigUint64(where, true));
  return { size: long(40), offset: long(48), location: end.location, is64: true };
}

/** @param {Uint8Array} data  @param {number} at */
function entryAt(data, at) {
  if (at + ENTRY_BYTES > data.length) throw new BadZip("Truncated central directory");
  const view = viewOf(data.subarray(at, at + ENTRY_BYTES));
  const [short, long] = [(where) => view.getUint16(where, true), (where) => view.getUint32(where, true)];
  if (long(0) !== 0x02014b50) throw new BadZip("Bad magic number for central directory");
  if (view.getUint8(6) > NEWEST_VERSION) {
    throw new BadZip(`zip file version ${(view.getUint8(6) / 10).toFixed(1)}`);
  }
  const [nameLength, extraLength] = [short(28), short(30)];
  const name = at + ENTRY_BYTES;
  const stored = decodedName(data.subarray(name, name + nameLength), short(8));
  /** @type {Member} */
  const member = {
    stored,
    name: stored.split("\0")[0],
    flags: short(8),
    method: short(10),
    crc: long(16),
    packed: long(20),
    size: long(24),
    attributes: long(38),
    offset: long(42),
  };
  readExtra(member, data.subarray(name + nameLength, name + nameLength + extraLength));
  return { member, length: ENTRY_BYTES + nameLength + extraLength + short(32) };
}

/** @param {Uint8Array} name  @param {number} flags */
export function decodedName(name, flags) {
  if (flags & UTF8_NAME) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(name);
    } catch {
      throw new BadZip("a member's name is not UTF-8");
    }
  }
  return Array.from(name, (byte) => (byte < 128 ? String.fromCharCode(byte) : CP437[byte - 128])).join("");
}

/** Sizes beyond 32 bits stand in an extra field. @param {Member} member  @param {Uint8Array} extra */
function readExtra(member, extra) {
  for (let at = 0; at + 4 <= extra.length;) {
    const view = viewOf(extra.subarray(at));
    const [kind, length] = [view.getUint16(0, true), view.getUint16(2, true)];
    if (at + 4 + length > extra.length) {
      throw new BadZip(`Corrupt extra field ${kind.toString(16).padStart(4, "0")} (size=${length})`);
    }
    if (kind === 1) {
      let from = 4;
      for (const [key, what] of [
        ["size", "File size"],
        ["packed", "Compress size"],
        ["offset", "Header offset"],
      ]) {
        if (member[key] !== ALL32) continue;
        if (from + 8 > 4 + length) throw new BadZip(`Corrupt zip64 extra field. ${what} not found`);
        const value = view.getBigUint64(from, true);
        member[key] = value === ALL64 ? Infinity : Number(value);
        from += 8;
      }
    }
    at += 4 + length;
  }
}

/** @param {Uint8Array} data */
export function viewOf(data) {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}
