/** NPY headers, read as far as NumPy writes them, and the elements of arrays. */

import { beginsWith } from "/static/datasets/source.js";

/**
 * @typedef {object} Type an element's
 * @property {string} kind NumPy's letter: b i u f c S U O m M V
 * @property {number} size bytes
 * @property {boolean} little endian
 * @property {string} told as NumPy writes it
 *
 * @typedef {{shape: number[], fortran: boolean, type: Type, start: number}} Header
 */

const SIZES = {
  b: [1],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  f: [2, 4, 8, 16],
  c: [8, 16, 32],
  O: [8],
  m: [8],
  M: [8],
};
const LETTER_ALONE = {
  b: ["i", 1],
  i: ["i", 4],
  f: ["f", 4],
  c: ["S", 1],
  O: ["O", 8],
  m: ["m", 8],
  M: ["M", 8],
};
const DESCR = /^([<>|=]?)([biufcSUOmMV])([0-9]{0,9})(\[[a-zA-Z0-9]+\])?$/;
const UNIT = /^\[([1-9][0-9]*)?(?:Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\]$/;
const NAMES = { i: "int", u: "uint", f: "float", c: "complex", m: "timedelta", M: "datetime" };

/** A header that cannot be read. */
export class BadHeader extends Error {}

/** @param {Uint8Array} data the beginning of an NPY file  @returns {Header} */
export function headerOf(data) {
  const version = data[6];
  if (!beginsWith(data, "\x93NUMPY") || !(version >= 1 && version <= 3))
    throw new BadHeader("not an NPY file");
  const width = version === 1 ? 2 : 4;
  let length = 0;
  for (let i = width - 1; i >= 0; i--) length = length * 256 + data[8 + i];
  const start = 8 + width + length;
  if (!(start <= data.length)) throw new BadHeader("cut short or too long");
  const text = new TextDecoder(version < 3 ? "latin1" : "utf-8").decode(data.subarray(8 + width, start));
  const header = new Literal(text.trim()).whole();
  if (!(header instanceof Map) || [...header.keys()].sort().join() !== "descr,fortran_order,shape") {
    throw new BadHeader("other entries than a header has");
  }
  const [shape, descr] = [header.get("shape"), header.get("descr")];
  if (!shape?.tuple || shape.items.some((n) => typeof n !== "number" || n < 0)) {
    throw new BadHeader("an impossible shape");
  }
  if (descr?.items && !descr.tuple) {
    // Records: refused later, by their type.
    return { shape: shape.items, fortran: false, type: typeOf("V1"), start };
  }
  return { shape: shape.items, fortran: header.get("fortran_order") === true, type: typeOf(descr), start };
}

/** @param {unknown} descr  @returns {Type} */
function typeOf(descr) {
  const found = typeof descr === "string" ? DESCR.exec(descr) : null;
  if (!found) throw new BadHeader("an unknown type");
  const [, order, letter, digits, unit] = found;
  const little = order !== ">";
  if (unit !== undefined && (!"mM".includes(letter) || !UNIT.test(unit)))
    throw new BadHeader("an unknown unit");
  let [kind, size] = [letter, Number(digits)];
  if (!digits && letter in LETTER_ALONE) [kind, size] = LETTER_ALONE[letter];
  else if (letter === "U") size *= 4;
  if (kind in SIZES && !SIZES[kind].includes(size)) throw new BadHeader("an unknown size");
  if (kind === "u" && !digits) throw new BadHeader("an unknown size");
  const plain =
    kind === "b" ? "bool" : kind === "O" ? "object" : kind in NAMES ? NAMES[kind] + size * 8 : null;
  const ends = little || size === 1 ? plain : `>${kind}${size}`;
  const told = `${ends ?? (kind === "U" ? `${little ? "<" : ">"}U${size / 4}` : `|${kind}${size}`)}${unit ?? ""}`;
  return { kind, size, little, told };
}

/** The literals that stand in a header: dicts, tuples, lists, plain strings, whole numbers, True, False, None. */
class Literal {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  whole() {
    const value = this.value(0);
    if (this.token(/\s*/y) === null || this.at < this.text.length) throw new BadHeader("more than a literal");
    return value;
  }

  /** @param {number} depth */
  value(depth) {
    if (depth > 50) throw new BadHeader("nested too deeply");
    const word = this.token(/\s*(?:True|False|None)\b/y)?.trim();
    if (word) return word === "None" ? null : word === "True";
    const number = this.token(/\s*[-+]?(?:0+|[1-9][0-9]*)(?![\w.])/y);
    if (number !== null) return Number(number);
    const text = this.token(/\s*(?:'[^'\\\n]*'|"[^"\\\n]*")/y);
    if (text !== null) return text.trim().slice(1, -1);
    if (this.token(/\s*\{/y) !== null) return this.dict(depth);
    if (this.token(/\s*\(/y) !== null) return this.items(/\s*\)/y, depth, true);
    if (this.token(/\s*\[/y) !== null) return this.items(/\s*\]/y, depth, false);
    throw new BadHeader("no literal");
  }

  /** @param {number} depth */
  dict(depth) {
    const entries = new Map();
    while (this.token(/\s*\}/y) === null) {
      const key = this.value(depth + 1);
      if (this.token(/\s*:/y) === null) throw new BadHeader("no dict");
      entries.set(key, this.value(depth + 1));
      if (this.token(/\s*,/y) === null && !/^\s*\}/.test(this.text.slice(this.at)))
        throw new BadHeader("no dict");
    }
    return entries;
  }

  /** A parenthesis around one value without a comma is that value. */
  items(close, depth, tuple) {
    const items = [];
    let commas = 0;
    while (this.token(close) === null) {
      if (items.length > commas) throw new BadHeader("no comma");
      items.push(this.value(depth + 1));
      if (this.token(/\s*,/y) !== null) commas += 1;
    }
    return tuple && items.length === 1 && !commas ? items[0] : { tuple, items };
  }

  /** @param {RegExp} pattern */
  token(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return null;
    this.at = pattern.lastIndex;
    return found[0];
  }
}

/**
 * The elements of an array, in the order of its file, some at a time.
 * @param {AsyncIterable<Uint8Array>} pieces  @param {number} start bytes before the first element  @param {Type} type
 * @returns {AsyncGenerator<Uint8Array>} whole elements
 */
export async function* elementBytes(pieces, start, type) {
  let skip = start;
  let rest = new Uint8Array(0);
  for await (const piece of pieces) {
    let data = piece.subarray(skip);
    skip = Math.max(0, skip - piece.length);
    if (rest.length) {
      const both = new Uint8Array(rest.length + data.length);
      both.set(rest);
      both.set(data, rest.length);
      data = both;
    }
    const whole = data.length - (data.length % type.size);
    rest = data.slice(whole);
    if (whole) yield data.subarray(0, whole);
  }
}

/**
 * Numbers out of whole elements, as near as a float64 comes.
 * @param {Uint8Array} data  @param {Type} type of kind b, i, u or f
 * @returns {ArrayLike<number>}
 */
export function numbersOf(data, { kind, size, little }) {
  if (size === 1) return kind === "i" ? new Int8Array(data.buffer, data.byteOffset, data.length) : data;
  const own = data.slice();
  if (!little) for (let at = 0; at < own.length; at += size) own.subarray(at, at + size).reverse();
  const { buffer } = own;
  if (kind === "f") {
    if (size === 4) return new Float32Array(buffer);
    if (size === 8) return new Float64Array(buffer);
    return size === 2 ? Float64Array.from(new Uint16Array(buffer), half) : extended(new DataView(buffer));
  }
  if (size === 2) return kind === "i" ? new Int16Array(buffer) : new Uint16Array(buffer);
  if (size === 4) return kind === "i" ? new Int32Array(buffer) : new Uint32Array(buffer);
  const low = new Uint32Array(buffer);
  const high = kind === "i" ? new Int32Array(buffer) : low;
  return Float64Array.from({ length: low.length / 2 }, (_, i) => high[2 * i + 1] * 2 ** 32 + low[2 * i]);
}

/** Whole numbers of 64 bits, exactly. @param {Uint8Array} data  @param {Type} type */
export function exactly(data, { kind, little }) {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return Array.from({ length: data.length / 8 }, (_, i) => {
    const value = kind === "i" ? view.getBigInt64(8 * i, little) : view.getBigUint64(8 * i, little);
    return BigInt(Number.MIN_SAFE_INTEGER) <= value && value <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(value)
      : value;
  });
}

/** @param {number} bits IEEE 754 binary16 */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
}

/** The 80 bits of x87 in 16 bytes. @param {DataView} view */
function extended(view) {
  return Float64Array.from({ length: view.byteLength / 16 }, (_, i) => {
    const mantissa = view.getBigUint64(16 * i, true);
    const head = view.getUint16(16 * i + 8, true);
    const sign = head & 0x8000 ? -1 : 1;
    const exponent = head & 0x7fff;
    if (exponent === 0x7fff) return (mantissa << 1n) & 0xffffffffffffffffn ? NaN : sign * Infinity;
    if (!mantissa) return sign * 0;
    // In two steps, for the exponent alone may leave the range of float64.
    const power = exponent - 16383 - 63;
    return sign * Number(mantissa) * 2 ** Math.floor(power / 2) * 2 ** (power - Math.floor(power / 2));
  });
}
