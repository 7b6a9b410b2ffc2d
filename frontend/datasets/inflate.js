/** Unpacking deflate and gzip streams piece by piece, so that nothing unpacks to more than is taken. */

import { Inflate } from "/vendor/fflate.js";
import { beginsWith } from "/static/datasets/source.js";
import { crc32 } from "/static/datasets/crc32.js";

const PIECE = 16 * 1024;
const HEADER_BYTES = 10;
const [HAS_HEADER_CRC, HAS_EXTRA, HAS_NAME, HAS_COMMENT, RESERVED] = [2, 4, 8, 16, 0xe0];

/** What cannot be unpacked. */
export class Unreadable extends Error {}

/** A deflate stream: packed bytes in, pieces of plain ones out. At most 16 MB come of a piece. */
export class Inflater {
  constructor() {
    /** @type {Uint8Array[]} */
    this.out = [];
    this.stream = new Inflate((data) => this.out.push(data));
  }

  /** @param {Uint8Array} packed  @returns {Generator<Uint8Array>} */
  *take(packed) {
    for (let at = 0; at < packed.length; at += PIECE) {
      try {
        this.stream.push(packed.subarray(at, at + PIECE));
      } catch (error) {
        throw new Unreadable(`Error -3 while decompressing data: ${error.message}`);
      }
      const out = this.out;
      this.out = [];
      for (const piece of out) if (piece.length) yield piece;
    }
  }
}

/**
 * Where the deflate stream of a gzip file starts; 0 where the data ends before that.
 * @param {Uint8Array} data its beginning
 */
function bodyOf(data) {
  if (!beginsWith(data, "\x1f\x8b") || (data.length > 2 && data[2] !== 8) || data[3] & RESERVED) {
    throw new Unreadable("no gzip header");
  }
  if (data.length < HEADER_BYTES) return 0;
  const flags = data[3];
  let at = HEADER_BYTES;
  if (flags & HAS_EXTRA) at += 2 + data[at] + 256 * data[at + 1];
  for (const flag of [HAS_NAME, HAS_COMMENT]) {
    if (!(flags & flag)) continue;
    const end = data.indexOf(0, at);
    if (end < 0) return 0;
    at = end + 1;
  }
  if (flags & HAS_HEADER_CRC) at += 2;
  return at < data.length ? at : 0;
}

/**
 * The first bytes out of the beginning of a gzip file; undefined where it cannot be read.
 * @param {Uint8Array} data  @param {number} wanted
 */
export function gunzipStart(data, wanted) {
  let start = new Uint8Array(0);
  try {
    const body = bodyOf(data);
    if (!body) return start;
    for (const piece of new Inflater().take(data.subarray(body))) {
      start = new Uint8Array([...start, ...piece.subarray(0, wanted)]).subarray(0, wanted);
      if (start.length === wanted) break;
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return undefined;
  }
  return start;
}

/**
 * A gzip stream's content, its checksum and length verified at the end.
 * @param {AsyncIterable<Uint8Array>} packed
 * @returns {AsyncGenerator<Uint8Array>} Unreadable where it is damaged or cut short
 */
export async function* gunzipped(packed) {
  const inflater = new Inflater();
  let [begun, crc, length] = [false, 0, 0];
  let head = new Uint8Array(0);
  let tail = new Uint8Array(0);
  for await (const chunk of packed) {
    let data = chunk;
    tail = joined(tail, data).slice(-8);
    if (!begun) {
      head = joined(head, data);
      const body = bodyOf(head);
      if (!body) continue;
      begun = true;
      data = head.subarray(body);
    }
    for (const piece of inflater.take(data)) {
      crc = crc32(piece, crc);
      length += piece.length;
      yield piece;
    }
  }
  const view = new DataView(tail.buffer, tail.byteOffset);
  if (tail.length < 8 || view.getUint32(0, true) !== crc || view.getUint32(4, true) !== length % 2 ** 32) {
    throw new Unreadable("a wrong checksum");
  }
}

/** @param {Uint8Array} a  @param {Uint8Array} b */
function joined(a, b) {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
