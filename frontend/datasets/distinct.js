/** Counting different values of a column, in memory that stays small when they are many. */

import { kept } from "/static/datasets/text.js";

const EXACTLY_KEPT = 2048;

/**
 * Different texts. Up to `most` they are counted; beyond, only as long as every text was a new one.
 * Past the first two thousand, texts are told apart by 64 bits of hash.
 */
export class DistinctTexts {
  /** @param {number} most */
  constructor(most) {
    this.most = most;
    this.count = 0;
    /** Texts seen, the same ones too. */
    this.seen = 0;
    /** Whether the count goes no further: there are more than `count` different texts, and some came again. */
    this.stopped = false;
    /** @type {Set<string> | null} */
    this.texts = new Set();
    /** @type {Hashes | null} */
    this.hashes = null;
  }

  /** @param {string} text */
  add(text) {
    this.seen += 1;
    if (this.stopped) return;
    if (this.texts) {
      if (this.texts.has(text)) return;
      this.texts.add(kept(text));
      this.count += 1;
      if (this.count === EXACTLY_KEPT) this.grow();
    } else if (this.hashes?.add(text)) {
      this.count += 1;
    }
    if (this.count > this.most && this.count < this.seen) this.stop();
  }

  /** Whether every text was a new one. */
  get allDiffer() {
    return this.count === this.seen;
  }

  grow() {
    this.hashes = new Hashes();
    for (const text of this.texts ?? []) this.hashes.add(text);
    this.texts = null;
  }

  stop() {
    this.stopped = true;
    this.texts = this.hashes = null;
  }
}

/** Different numbers, up to `most`. */
export class DistinctNumbers {
  /** @param {number} most */
  constructor(most) {
    this.most = most;
    this.count = 0;
    /** Whether there are more than `most`. */
    this.stopped = false;
    /** Bytes are most of what images hold. @type {Uint8Array | null} */
    this.bytes = null;
    this.others = new Set();
  }

  /** @param {number} value */
  add(value) {
    if (this.stopped) return;
    if (value === (value & 255)) {
      this.bytes ??= new Uint8Array(256);
      if (this.bytes[value]) return;
      this.bytes[value] = 1;
    } else {
      if (this.others.has(value)) return;
      this.others.add(value);
    }
    this.count += 1;
    if (this.count > this.most) this.stopped = true;
  }
}

/** An open-addressed set of 64-bit hashes of texts. */
class Hashes {
  constructor() {
    this.size = 0;
    this.slots = new Uint32Array(4 * EXACTLY_KEPT * 2);
  }

  /** Whether the text was a new one. @param {string} text */
  add(text) {
    if (this.size * 8 > this.slots.length * 3) this.rehash();
    const [high, low] = hash(text);
    const isNew = this.put(high, low);
    this.size += isNew ? 1 : 0;
    return isNew;
  }

  put(high, low) {
    const pairs = this.slots.length / 2;
    for (let at = high % pairs; ; at = (at + 1) % pairs) {
      const [a, b] = [this.slots[2 * at], this.slots[2 * at + 1]];
      if (a === high && b === low) return false;
      if (a === 0 && b === 0) {
        this.slots[2 * at] = high;
        this.slots[2 * at + 1] = low;
        return true;
      }
    }
  }

  rehash() {
    const old = this.slots;
    this.slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) if (old[at] || old[at + 1]) this.put(old[at], old[at + 1]);
  }
}

/** Two rounds of multiply-and-rotate over the text's units (cyrb53's mixing), never both zero. @param {string} text */
function hash(text) {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return [high >>> 0, (low | 1) >>> 0];
}
