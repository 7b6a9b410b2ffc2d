/** Reading the rows of a CSV file into what must be known of each column, a block at a time: no cell is kept. */

import { CsvError, CsvReader } from "/static/datasets/csv_reader.js";
import { NumberColumn, TextColumn } from "/static/datasets/csv_cells.js";
import { DatasetInvalid } from "/static/datasets/refusal.js";
import { LabelCounts } from "/static/datasets/labels.js";

/** @typedef {import("/static/datasets/csv_dialect.js").Dialect} Dialect */
/** @typedef {import("/static/datasets/limits.js").Limits} Limits */
/** @typedef {{columns: (NumberColumn | TextColumn)[], labels: LabelCounts, rows: number, first: string[][]}} Read */

const CELLS_PER_BLOCK = 400_000;
const FEWEST_ROWS_PER_BLOCK = 64;
const MOST_ROWS_PER_BLOCK = 4096;
const ROWS_SHOWN = 8;
const VALUES_COUNTED = 4_000_000;

/**
 * All columns; `texts` holds the positions of those known to be text, and is added to. A column that turns out not to be numeric
 * after some blocks cannot be had back as text: then the answer is null, and the file is to be read again.
 * @param {AsyncIterable<string[]>} lines  @param {Dialect} dialect  @param {number} target position
 * @param {Limits} limits  @param {Set<number>} texts
 * @returns {Promise<Read | null>}
 */
export async function readColumns(lines, dialect, target, limits, texts) {
  const width = dialect.names.length;
  const most = Math.max(64, Math.min(10_000, Math.floor(VALUES_COUNTED / width)));
  const make = (i) => (texts.has(i) ? new TextColumn(most) : new NumberColumn(dialect, i, most));
  const columns = dialect.names.map((_, i) => make(i));
  const order = [target, ...columns.keys()].filter((i, at) => at === 0 || i !== target);
  const labels = new LabelCounts(limits);
  const late = new Set();
  let [rows, first] = [0, /** @type {string[][]} */ ([])];
  for await (const block of blocks(lines, dialect, limits)) {
    const present = new Uint8Array(block.rows.length).fill(1);
    for (const i of order) {
      if (late.has(i)) continue;
      if (!columns[i].add(block, i, present, i === target ? labels : null)) {
        texts.add(i);
        columns[i] = make(i);
        if (rows) late.add(i);
        else columns[i].add(block, i, present, i === target ? labels : null);
      }
    }
    if (!rows) first = block.rows.slice(0, ROWS_SHOWN);
    rows += block.rows.length;
  }
  if (late.size) return null;
  if (!rows) throw new DatasetInvalid("dataset.empty", "The file has no rows.");
  return { columns, labels, rows, first };
}

/** Rows of a file and the line on which each begins. @typedef {{rows: string[][], lines: number[]}} Block */

/** @param {AsyncIterable<string[]>} lines  @param {Dialect} dialect  @param {Limits} limits  @returns {AsyncGenerator<Block>} */
async function* blocks(lines, dialect, limits) {
  const width = dialect.names.length;
  const size = Math.min(
    Math.max(FEWEST_ROWS_PER_BLOCK, Math.floor(CELLS_PER_BLOCK / width)),
    MOST_ROWS_PER_BLOCK,
  );
  const reader = new RowReader(dialect);
  /** @type {Block} */
  let block = { rows: [], lines: [] };
  let total = 0;
  for await (const some of lines) {
    for (const line of some) {
      if (!reader.take(line, block)) continue;
      if (block.rows.length < size) continue;
      total += size;
      checkSize(total, width, limits);
      yield block;
      block = { rows: [], lines: [] };
    }
  }
  reader.end();
  if (block.rows.length) {
    checkSize(total + block.rows.length, width, limits);
    yield block;
  }
}

/** Rows after the header, all of one width; blank lines are no rows. */
class RowReader {
  /** @param {Dialect} dialect */
  constructor(dialect) {
    this.reader = new CsvReader(dialect.delimiter, true);
    this.width = dialect.names.length;
    this.headerDue = dialect.hasHeader;
    this.begun = 1;
  }

  /** Whether the line ended a row, which is put into the block. @param {string} line  @param {Block} block */
  take(line, block) {
    const row = this.guarded(() => this.reader.take(line));
    if (!row) return false;
    const begun = this.begun;
    this.begun = this.reader.lines + 1;
    if (!row.length) return false;
    if (this.headerDue) {
      this.headerDue = false;
      return false;
    }
    if (row.length !== this.width) {
      throw new DatasetInvalid(
        "dataset.ragged_row",
        `Line ${begun} has ${row.length} fields where ${this.width} are expected, as in the first row.`,
      );
    }
    block.rows.push(row);
    block.lines.push(begun);
    return true;
  }

  end() {
    this.guarded(() => this.reader.end());
  }

  guarded(act) {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      throw new DatasetInvalid(
        "dataset.csv_malformed",
        `The row that begins on line ${this.begun} is malformed: ${error.message}.`,
      );
    }
  }
}

/** @param {number} rows  @param {number} columns  @param {Limits} limits */
function checkSize(rows, columns, limits) {
  if (rows > limits.maxRows) {
    throw new DatasetInvalid(
      "dataset.too_many_rows",
      `The file has more than the ${limits.maxRows} rows that are possible.`,
    );
  }
  if (rows * columns > limits.maxValues) {
    throw new DatasetInvalid(
      "dataset.too_many_values",
      `The file has more than the ${limits.maxValues} values that are possible.`,
    );
  }
}
