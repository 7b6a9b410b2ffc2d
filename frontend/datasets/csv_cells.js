/** What must be known of the cells of one column of a CSV file. Rows without a value of the target count for nothing. */

import { DatasetInvalid, quoted } from "/static/datasets/refusal.js";
import { DistinctNumbers, DistinctTexts } from "/static/datasets/distinct.js";
import { isMissing, parseNumber, strip } from "/static/datasets/text.js";

/** @typedef {import("/static/datasets/csv_columns.js").Block} Block */
/** @typedef {import("/static/datasets/labels.js").LabelCounts} LabelCounts */

export const LARGEST_NUMBER = 1e30;
export const LARGEST_TOLD = "1e+30";
const [LEAST_INTEGER, LARGEST_INTEGER] = [-(2 ** 31), 2 ** 31 - 1];

/** [iıİ]: Python's case folding takes all three for one letter. */
const ID_NAME =
  /^(?:(?:[^\n]*[_ -])?(?:[iıİ]d|uu[iıİ]d|gu[iıİ]d)|[iıİ]ndex|row(?:_?(?:[iıİ]d|num|number))?|unnamed: 0|column_1)$/iu;

/** A column that has held only numbers so far. */
export class NumberColumn {
  /** @param {import("/static/datasets/csv_dialect.js").Dialect} dialect  @param {number} position  @param {number} most values counted */
  constructor(dialect, position, most) {
    this.name = dialect.names[position];
    this.decimal = dialect.decimal;
    this.missing = 0;
    this.distinct = new DistinctNumbers(most);
    /** Whether all rows, those left out too, hold integers of 32 bits. */
    this.integers = true;
    /** Numbers of a column that is named like an identifier: whether all differ. */
    this.identifiers = ID_NAME.test(this.name) ? new DistinctTexts(0) : null;
    [this.least, this.largest, this.whole] = [Infinity, -Infinity, true];
    /** The first number too large is kept for the refusal. @type {{line: number, cell: string} | null} */
    this.tooLarge = null;
  }

  /**
   * Take a block; false if some cell is not a number, which makes the column text.
   * @param {Block} block  @param {number} position  @param {Uint8Array} present rows with a target
   * @param {LabelCounts | null} labels given for the target: it says which rows are present
   */
  add(block, position, present, labels) {
    const values = this.parsed(block.rows, position);
    if (!values) return false;
    for (let row = 0; row < values.length; row++) {
      const value = values[row];
      const size = Math.abs(value);
      if (size > LARGEST_NUMBER && !this.tooLarge) {
        this.tooLarge = { line: block.lines[row], cell: block.rows[row][position] };
      }
      const whole = value === Math.floor(value);
      if (!whole || value < LEAST_INTEGER || value > LARGEST_INTEGER) this.integers = false;
      if (labels) present[row] = value === value ? 1 : 0;
      if (!present[row]) continue;
      if (value !== value) {
        this.missing += 1;
        continue;
      }
      labels?.add(value);
      this.distinct.add(value);
      this.identifiers?.add(String(value));
      if (!whole) this.whole = false;
      if (value < this.least) this.least = value;
      if (value > this.largest) this.largest = value;
    }
    return true;
  }

  /** Numbers, NaN where missing; null where a cell is neither. @param {string[][]} rows  @param {number} position */
  parsed(rows, position) {
    const values = new Float64Array(rows.length);
    for (let row = 0; row < rows.length; row++) {
      let cell = rows[row][position];
      if (!cell) {
        values[row] = NaN;
        continue;
      }
      if (this.decimal !== ".") cell = cell.replaceAll(this.decimal, ".");
      const value = parseNumber(cell);
      if (value === undefined && !isMissing(cell)) return null;
      values[row] = value ?? NaN;
    }
    return values;
  }

  /** Refuse a column with a number that cannot be computed with. */
  check() {
    if (!this.tooLarge) return;
    const { line, cell } = this.tooLarge;
    throw new DatasetInvalid(
      "dataset.number_too_large",
      `Line ${line}, column ${quoted(this.name)}: ${quoted(strip(cell))} is not a finite number below ${LARGEST_TOLD}.`,
    );
  }

  /** Whether it only tells rows apart. @param {number} present values */
  tellsApart(present) {
    return (
      this.identifiers !== null &&
      this.integers &&
      this.missing === 0 &&
      present > 0 &&
      this.identifiers.allDiffer
    );
  }
}

/** A text column. */
export class TextColumn {
  /** @param {number} most values counted */
  constructor(most) {
    this.missing = 0;
    this.distinct = new DistinctTexts(most);
  }

  /** @param {Block} block  @param {number} position  @param {Uint8Array} present  @param {LabelCounts | null} labels */
  add(block, position, present, labels) {
    for (let row = 0; row < present.length; row++) {
      if (!present[row]) continue;
      const cell = block.rows[row][position];
      const missing = isMissing(cell);
      if (labels) present[row] = missing ? 0 : 1;
      if (missing) {
        this.missing += 1;
        continue;
      }
      const text = strip(cell);
      labels?.add(text);
      this.distinct.add(text);
    }
    return true;
  }

  check() {}

  tellsApart() {
    return this.distinct.allDiffer;
  }
}
