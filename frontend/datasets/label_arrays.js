/** Label arrays of any customary form as they stream by: whole numbers, texts, a single column, one-hot rows. */

import { DatasetInvalid, quoted } from "/static/datasets/refusal.js";
import { LARGEST_NUMBER } from "/static/datasets/csv_cells.js";
import { LabelCounts, rareClassWarnings } from "/static/datasets/labels.js";
import { elementBytes, exactly, numbersOf } from "/static/datasets/npy.js";
import { notFinite } from "/static/datasets/arrays.js";
import { strip } from "/static/datasets/text.js";

/** @typedef {import("/static/datasets/npy.js").Header} Header */

const LABELS_SHOWN = 12;
const LAST_CHARACTER = 0x10ffff;
const MANY_ONES = 2;

export class LabelScan {
  /** @param {string} name  @param {import("/static/datasets/limits.js").Limits} limits  @param {Header[]} headers of its parts */
  constructor(name, limits, headers) {
    this.name = name;
    this.counts = new LabelCounts(limits);
    const [first] = headers;
    this.isText = "SU".includes(first.type.kind);
    if (
      headers.some(({ type }) => ("SU".includes(type.kind) ? type.kind !== first.type.kind : this.isText))
    ) {
      throw new DatasetInvalid(
        "file.unread",
        `The labels ${quoted(name)} are numbers in one part and text in another, which this page does not read: ` +
          "`ecodml train` does.",
      );
    }
    const rows = headers.reduce((sum, { shape }) => sum + shape[0], 0);
    this.oneHot = first.shape.length === 2 && first.shape[1] > 1;
    this.shape = [rows, ...first.shape.slice(1)];
    /** @type {DatasetInvalid | null} */
    this.wrong = this.oneHot && this.isText ? this.notOneHot() : null;
    /** @type {(string | number | bigint)[]} */
    this.first = [];
    this.rows = 0;
  }

  /** Take a part. What is wrong with it is kept, not thrown. @param {Header} header  @param {AsyncIterable<Uint8Array>} pieces */
  async take(header, pieces) {
    const { type, start } = header;
    const hot = this.oneHot ? new HotRows(header) : null;
    for await (const data of elementBytes(pieces, start, type)) {
      if (this.wrong) continue;
      if (hot) hot.take(numbersOf(data, type));
      else if (this.isText) this.texts(data, type);
      else this.numbers(data, type);
    }
    if (!hot || this.wrong) return;
    if (hot.good) for (const column of hot.column) this.add(column);
    else this.wrong = this.notOneHot();
  }

  /** Classes and warnings, or why there are none. */
  found() {
    if (this.wrong) throw this.wrong;
    const classes = this.isText ? this.counts.ofTexts(this.name) : this.counts.ofNumbers(this.name);
    return { ...classes, warnings: rareClassWarnings(classes, this.name) };
  }

  add(value) {
    if (this.first.length < LABELS_SHOWN) this.first.push(value);
    this.counts.add(value);
    this.rows += 1;
  }

  numbers(data, type) {
    const values = type.size === 8 && type.kind !== "f" ? exactly(data, type) : numbersOf(data, type);
    for (let i = 0; i < values.length; i++) {
      if (type.kind === "f" && !(Math.abs(values[i]) <= LARGEST_NUMBER)) {
        this.wrong = notFinite(this.name, [this.rows], values[i]);
        return;
      }
      this.add(values[i]);
    }
  }

  texts(data, type) {
    for (let at = 0; at < data.length && !this.wrong; at += type.size) {
      const cell = data.subarray(at, at + type.size);
      const text = type.kind === "S" ? this.ofBytes(cell) : this.ofPoints(cell, type.little);
      if (!this.wrong) this.add(strip(text));
    }
  }

  /** @param {Uint8Array} cell padded with zeros */
  ofBytes(cell) {
    let end = cell.length;
    while (end && !cell[end - 1]) end--;
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(cell.subarray(0, end));
    } catch {
      this.wrong = new DatasetInvalid(
        "dataset.not_utf8",
        `The labels ${quoted(this.name)} hold text that is not UTF-8.`,
      );
      return "";
    }
  }

  /** @param {Uint8Array} cell of code points  @param {boolean} little */
  ofPoints(cell, little) {
    const view = new DataView(cell.buffer, cell.byteOffset, cell.length);
    const points = Array.from({ length: cell.length / 4 }, (_, i) => view.getUint32(4 * i, little));
    if (points.some((point) => point > LAST_CHARACTER || (point >= 0xd800 && point < 0xe000))) {
      this.wrong = new DatasetInvalid(
        "dataset.array_broken",
        `The labels ${quoted(this.name)} hold characters that do not exist.`,
      );
      return "";
    }
    return String.fromCodePoint(...points).replace(/\0+$/, "");
  }

  notOneHot() {
    return new DatasetInvalid(
      "dataset.array_shape",
      `The labels ${quoted(this.name)} have the shape [${this.shape.join(", ")}] and are not one-hot: one label per row is ` +
        "needed.",
    );
  }
}

/** Rows of zeros with a single one, in either order of elements. */
class HotRows {
  /** @param {Header} header */
  constructor({ shape, fortran }) {
    [this.rows, this.width] = shape;
    this.fortran = fortran;
    this.at = 0;
    this.zerosAndOnes = true;
    this.ones = new Uint8Array(this.rows);
    this.column = new Int32Array(this.rows);
  }

  /** @param {ArrayLike<number>} values */
  take(values) {
    for (let i = 0; i < values.length; i++, this.at++) {
      if (values[i] === 0) continue;
      if (values[i] !== 1) this.zerosAndOnes = false;
      const row = this.fortran ? this.at % this.rows : Math.floor(this.at / this.width);
      this.column[row] = this.fortran ? Math.floor(this.at / this.rows) : this.at % this.width;
      this.ones[row] = Math.min(MANY_ONES, this.ones[row] + 1);
    }
  }

  get good() {
    return this.zerosAndOnes && this.ones.every((n) => n === 1);
  }
}
