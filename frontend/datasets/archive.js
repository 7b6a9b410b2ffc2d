/** Opening a customer's zip without trusting it: names, kinds and declared sizes are judged before anything is inflated. */

import { BadZip, decodedName, directoryOf, viewOf } from "/static/datasets/archive_directory.js";
import { DatasetInvalid, quoted } from "/static/datasets/refusal.js";
import { Inflater, Unreadable } from "/static/datasets/inflate.js";
import { beginsWith, bytes } from "/static/datasets/source.js";
import { characters } from "/static/datasets/text.js";
import { crc32 } from "/static/datasets/crc32.js";

/** @typedef {import("/static/datasets/archive_directory.js").Member} Member */

const [STORED, DEFLATED] = [0, 8];
const [ENCRYPTED, PATCHED, STRONG] = [0x1, 0x20, 0x40];
const HEADER_BYTES = 30;
const WINDOW = 1024 * 1024;
const PIECE = 256 * 1024;
const NESTED = [".zip", ".npz", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst", ".jar", ".whl"];
const NESTED_MAGIC = ["PK\x03\x04", "7z\xbc\xaf", "Rar!", "BZh9", "\xfd7zXZ"];
const [ANY, REGULAR, FOLDER] = [0, 0x8000, 0x4000];

/** A zip whose members were judged: no folders, sizes as declared in its directory and within the limits. */
export class Archive {
  /** @param {File} file  @param {Member[]} members  @param {(read: number) => void} heard */
  constructor(file, members, heard) {
    this.file = file;
    this.name = file.name;
    this.members = members;
    this.heard = heard;
    this.window = { start: 0, data: new Uint8Array(0) };
  }

  /**
   * A member piece by piece, never more than its declared size, its checksum verified at the end. Damage is DatasetInvalid.
   * @param {Member} member
   * @param {boolean} [whole] refuse one that is shorter than it should be, even where its checksum is right
   * @returns {AsyncGenerator<Uint8Array>}
   */
  async *pieces(member, whole = true) {
    let [left, crc] = [member.size, 0];
    try {
      const inflater = member.method === DEFLATED ? new Inflater() : null;
      let at = await this.dataOf(member);
      for (const end = at + member.packed; at < end && left > 0;) {
        const packed = await this.read(at, Math.min(end, at + PIECE));
        if (!packed.length) throw new BadZip("EOFError");
        at += packed.length;
        this.heard(packed.length);
        for (const plain of inflater ? inflater.take(packed) : [packed]) {
          const piece = plain.subarray(0, left);
          left -= piece.length;
          crc = crc32(piece, crc);
          if (piece.length) yield piece;
          if (!left) break;
        }
      }
      if (crc !== member.crc) throw new BadZip(`Bad CRC-32 for file '${member.name}'`);
    } catch (error) {
      if (error instanceof BadZip || error instanceof Unreadable) throw broken(member, error.message);
      throw error;
    }
    if (left && whole) {
      throw new DatasetInvalid("dataset.zip_broken", `The member ${quoted(member.name)} is cut short.`);
    }
  }

  /** The same, of a member that is read whole: an archive hidden under another name is refused. @param {Member} member */
  async *content(member) {
    let first = new Uint8Array(0);
    for await (const piece of this.pieces(member)) {
      if (first.length < 8) {
        first = new Uint8Array([...first, ...piece.subarray(0, 8)]).subarray(0, 8);
        if (NESTED_MAGIC.some((magic) => beginsWith(first, magic))) throw nested(member.name);
      }
      yield piece;
    }
  }

  /** Read a member for its checksum alone. @param {Member} member */
  async check(member) {
    const pieces = this.content(member);
    while (!(await pieces.next()).done);
  }

  /** A whole small member. @param {Member} member */
  async whole(member) {
    const data = new Uint8Array(member.size);
    let at = 0;
    for await (const piece of this.content(member)) {
      data.set(piece, at);
      at += piece.length;
    }
    return data;
  }

  /** The first bytes of a member, fewer where it is shorter. @param {Member} member  @param {number} wanted */
  async start(member, wanted) {
    const data = new Uint8Array(Math.min(wanted, member.size));
    let at = 0;
    for await (const piece of this.pieces(member, false)) {
      data.set(piece.subarray(0, data.length - at), at);
      at = Math.min(at + piece.length, data.length);
      if (at === wanted) break;
    }
    return data.subarray(0, at);
  }

  /** Where a member's data begins. @param {Member} member */
  async dataOf(member) {
    if (member.offset < 0) throw new BadZip("an offset before the archive");
    const header = await this.read(member.offset, member.offset + HEADER_BYTES);
    if (header.length < HEADER_BYTES) throw new BadZip("Truncated file header");
    if (!beginsWith(header, "PK\x03\x04")) throw new BadZip("Bad magic number for file header");
    const view = viewOf(header);
    const [flags, nameLength, extraLength] = [6, 26, 28].map((where) => view.getUint16(where, true));
    if (member.flags & PATCHED) throw new BadZip("compressed patched data (flag bit 5)");
    if (member.flags & STRONG) throw new BadZip("strong encryption (flag bit 6)");
    const nameAt = member.offset + HEADER_BYTES;
    const name = decodedName(await this.read(nameAt, nameAt + nameLength), flags);
    if (name !== member.stored) {
      throw new BadZip(`File name in directory '${member.stored}' and header '${name}' differ`);
    }
    return nameAt + nameLength + extraLength;
  }

  /** Bytes of the file, out of a window of it that is kept: members mostly lie one behind the other. */
  async read(start, end) {
    const { window } = this;
    if (start < window.start || end > window.start + window.data.length) {
      this.window = { start, data: await bytes(this.file, start, Math.max(end, start + WINDOW)) };
    }
    return this.window.data.subarray(start - this.window.start, end - this.window.start);
  }
}

/**
 * Judge an archive by its directory alone.
 * @param {File} file  @param {import("/static/datasets/limits.js").Limits} limits  @param {(read: number) => void} heard
 * @returns {Promise<Archive>} or DatasetInvalid naming the member that is at fault
 */
export async function openArchive(file, limits, heard) {
  const entries = await directoryOf(file, limits);
  const shown = quoted(file.name);
  if (entries.length > limits.maxMembers) {
    throw new DatasetInvalid(
      "dataset.too_many_members",
      `The archive ${shown} has ${entries.length} entries, more than the ${limits.maxMembers} that are possible.`,
    );
  }
  const declared = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (declared > limits.maxUncompressedBytes) {
    throw new DatasetInvalid(
      "dataset.bomb",
      `The archive ${shown} would unpack to ${declared} bytes, more than the ${limits.maxUncompressedBytes} that are ` +
        "possible.",
    );
  }
  const seen = new Set();
  for (const entry of entries) {
    judge(entry, limits);
    if (seen.has(entry.name)) {
      throw new DatasetInvalid(
        "dataset.zip_duplicate",
        `The archive holds the member ${quoted(entry.name)} twice.`,
      );
    }
    seen.add(entry.name);
  }
  return new Archive(
    file,
    entries.filter((entry) => !entry.name.endsWith("/")),
    heard,
  );
}

/** @param {Member} entry  @param {import("/static/datasets/limits.js").Limits} limits */
function judge(entry, limits) {
  const { stored } = entry;
  const shown = quoted(stored);
  const invalid = (code, sentence) => new DatasetInvalid(`dataset.${code}`, sentence);
  if (!entry.name) throw invalid("zip_name", "The archive has a member without a name.");
  if (characters(stored) > limits.maxMemberName) {
    throw invalid("zip_name", `The member ${shown} has a path of ${characters(stored)} characters.`);
  }
  if (stored.includes("\0") || stored.includes("\\")) {
    throw invalid("zip_name", `The member ${shown} has a path with a character that is not allowed.`);
  }
  const parts = partsOf(stored);
  if (stored.startsWith("/") || stored[1] === ":" || parts.includes("..")) {
    throw invalid("zip_path", `The member ${shown} points outside the archive.`);
  }
  const mode = entry.attributes >>> 16;
  if (![ANY, REGULAR, FOLDER].includes(mode & 0xf000)) {
    throw invalid("zip_link", `The member ${shown} is a link or a device, not a file.`);
  }
  if (entry.flags & ENCRYPTED) {
    throw invalid("zip_encrypted", `The member ${shown} is encrypted: upload it without a password.`);
  }
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    throw invalid(
      "zip_method",
      `The member ${shown} is packed in an unusual way (method ${entry.method}): use deflate.`,
    );
  }
  if (NESTED.includes(suffixOf(stored).toLowerCase())) throw nested(stored);
}

/** The parts of a path, as `PurePosixPath` has them. @param {string} path */
export function partsOf(path) {
  return path.split("/").filter((part) => part && part !== ".");
}

/** @param {string} path */
export function suffixOf(path) {
  const name = partsOf(path).at(-1) ?? "";
  const dot = name.lastIndexOf(".");
  return dot > 0 && dot < name.length - 1 ? name.slice(dot) : "";
}

/** @param {string} name */
function nested(name) {
  return new DatasetInvalid(
    "dataset.zip_nested",
    `The member ${quoted(name)} is an archive inside the archive: unpack it first.`,
  );
}

/** @param {Member} member  @param {string} why */
function broken(member, why) {
  return new DatasetInvalid("dataset.zip_broken", `The member ${quoted(member.name)} is damaged: ${why}.`);
}
