/** Input arrays as they stream by: whether they can be computed with, whether they are images, and the first examples. */

import { DatasetInvalid, quoted } from "/static/datasets/refusal.js";
import { DistinctNumbers } from "/static/datasets/distinct.js";
import { LARGEST_NUMBER, LARGEST_TOLD } from "/static/datasets/csv_cells.js";
import { LARGEST_PIXEL, isSquare } from "/static/datasets/pixels.js";
import { elementBytes, numbersOf } from "/static/datasets/npy.js";
import { repr } from "/static/datasets/text.js";

/** @typedef {import("/static/datasets/npy.js").Header} Header */

const LEVELS_COUNTED = 100_000;
const VALUES_COUNTED = 2_000_000;
const EXAMPLES_SHOWN = 12;
const VALUES_SHOWN = 4_000_000;

/** Examples of one shape, in one or two arrays. */
export class InputScan {
  /** @param {number[]} shape of one example */
  constructor(shape) {
    this.shape = shape;
    this.width = shape.reduce((product, n) => product * n, 1);
    [this.least, this.largest, this.whole] = [Infinity, -Infinity, true];
    this.levels = new DistinctNumbers(LEVELS_COUNTED);
    const most = Math.max(64, Math.min(10_000, Math.floor(VALUES_COUNTED / this.width)));
    this.columns =
      shape.length === 1 ? Array.from({ length: this.width }, () => new DistinctNumbers(most)) : [];
    /** The first value that cannot be computed with. @type {DatasetInvalid | null} */
    this.wrong = null;
    const examples = Math.min(EXAMPLES_SHOWN, Math.floor(VALUES_SHOWN / this.width));
    this.first = new Float32Array(examples * this.width);
  }

  /**
   * Take an array. What is wrong with its values is kept, not thrown.
   * @param {string} name  @param {Header} header  @param {AsyncIterable<Uint8Array>} pieces of its file
   * @param {number} before examples before this array's
   */
  async take(name, { shape, fortran, type, start }, pieces, before) {
    const rows = shape[0];
    const { width, columns, levels } = this;
    let [at, wrongAt, wrongValue] = [0, -1, 0];
    for await (const data of elementBytes(pieces, start, type)) {
      const values = numbersOf(data, type);
      for (let i = 0; i < values.length; i++, at++) {
        const value = values[i];
        if (!(Math.abs(value) <= LARGEST_NUMBER) && type.kind === "f") {
          const place = fortran ? inOrder(at, shape) : at;
          if (wrongAt < 0 || place < wrongAt) [wrongAt, wrongValue] = [place, value];
        }
        if (value < this.least) this.least = value;
        if (value > this.largest) this.largest = value;
        if (this.whole && value !== Math.floor(value)) this.whole = false;
        levels.add(value);
        if (columns.length) columns[fortran ? Math.floor(at / rows) : at % width].add(value);
        if (before * width + (fortran ? at % rows : at) < this.first.length) {
          const place = before * width + (fortran ? inOrder(at, shape) : at);
          if (place < this.first.length) this.first[place] = value;
        }
      }
    }
    if (wrongAt >= 0) this.wrong ??= notFinite(name, placeOf(wrongAt, shape), wrongValue);
  }

  /** Whether the examples are images: of two dimensions and more unless they have negative values. */
  get pixels() {
    if (this.shape.length > 1) return this.least >= 0;
    if (!isSquare(this.width) || this.least < 0 || this.largest > LARGEST_PIXEL) return false;
    return this.largest <= 1 || this.whole;
  }

  /** One column for each measurement; the pixels of images, being alike, are one column together. */
  described() {
    const kind = this.pixels ? "pixel" : "number";
    const column = (name, counted) => ({
      name,
      kind,
      missing: 0,
      distinct: counted.stopped ? null : counted.count,
    });
    if (this.pixels || this.shape.length > 1) return [column("x", this.levels)];
    return this.columns.map((counted, i) => column(`x${i}`, counted));
  }
}

/** @param {string} name  @param {number[]} place  @param {number} value */
export function notFinite(name, place, value) {
  return new DatasetInvalid(
    "dataset.not_finite",
    `${quoted(name)}[${place.join(", ")}] is ${repr(value)}, not a finite number below ${LARGEST_TOLD}.`,
  );
}

/** Where an element of an array in Fortran order stands in C order. @param {number} at  @param {number[]} shape */
function inOrder(at, shape) {
  let [rest, place] = [at, 0];
  const indices = shape.map((size) => {
    const index = rest % size;
    rest = Math.floor(rest / size);
    return index;
  });
  indices.forEach((index, i) => (place = place * shape[i] + index));
  return place;
}

/** Indices of an element. @param {number} at in C order  @param {number[]} shape */
function placeOf(at, shape) {
  let rest = at;
  return [...shape]
    .reverse()
    .map((size) => {
      const index = rest % size;
      rest = Math.floor(rest / size);
      return index;
    })
    .reverse();
}
