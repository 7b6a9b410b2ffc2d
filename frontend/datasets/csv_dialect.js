/** How a CSV file is written: its delimiter, its decimal mark, and whether its first row is a header. */

import { CsvError, CsvReader } from "/static/datasets/csv_reader.js";
import { DatasetInvalid, quoted } from "/static/datasets/refusal.js";
import { SPACE_CLASS, characters, isMissing, parseNumber, strip } from "/static/datasets/text.js";

/** @typedef {{delimiter: string, decimal: string, hasHeader: boolean, names: string[]}} Dialect */

const DELIMITERS = [",", ";", "\t", "|"];
const SAMPLE_LINES = 400;
const SAMPLE_CHARACTERS = 1_000_000;
const DECIMAL_COMMA = new RegExp(`^[${SPACE_CLASS}]*[-+]?\\p{Nd}+,\\p{Nd}+[${SPACE_CLASS}]*$`, "u");
const DECIMAL_POINT = new RegExp(
  `^[${SPACE_CLASS}]*[-+]?\\p{Nd}*\\.\\p{Nd}+(?:[eE][-+]?\\p{Nd}+)?[${SPACE_CLASS}]*$`,
  "u",
);
export const TARGET_NAMES = [
  "target",
  "label",
  "labels",
  "class",
  "classes",
  "y",
  "species",
  "diagnosis",
  "outcome",
  "category",
];

/** Whether a cell is a number (NaN, which means missing, is not). @param {string} cell  @param {string} decimal */
function isNumber(cell, decimal) {
  if (cell.includes("_") || isMissing(cell)) return false;
  return parseNumber(cell.replaceAll(decimal, ".")) !== undefined;
}

/**
 * Decide from the first lines.
 * @param {AsyncIterable<string[]>} lines  @param {string} name
 * @returns {Promise<Dialect>}
 */
export async function sniff(lines, name) {
  const sample = await firstOf(lines);
  const delimiter = delimiterOf(sample);
  const rows = rowsOf(sample, delimiter);
  if (!sample.some((line) => strip(line))) {
    throw new DatasetInvalid("dataset.empty", `The file ${quoted(name)} has no rows.`);
  }
  if (!rows.length) {
    throw new DatasetInvalid("dataset.csv_malformed", `The first row of ${quoted(name)} is malformed.`);
  }
  const decimal = decimalOf(rows, delimiter);
  if (!isHeader(rows, decimal)) {
    return { delimiter, decimal, hasHeader: false, names: rows[0].map((_, i) => `column_${i + 1}`) };
  }
  if (rows.length < 2) {
    throw new DatasetInvalid("dataset.only_header", `The file ${quoted(name)} has a header and no rows.`);
  }
  const names = rows[0].map((cell, i) => strip(cell) || `column_${i + 1}`);
  const times = new Map();
  for (const column of names) times.set(column, (times.get(column) ?? 0) + 1);
  const twice = names.find((column) => times.get(column) > 1);
  if (twice !== undefined) {
    throw new DatasetInvalid(
      "dataset.duplicate_column",
      `The header of ${quoted(name)} has the column name ${quoted(twice)} more than once.`,
    );
  }
  return { delimiter, decimal, hasHeader: true, names };
}

/** @param {AsyncIterable<string[]>} blocks */
async function firstOf(blocks) {
  const sample = [];
  let size = 0;
  for await (const lines of blocks) {
    for (const line of lines) {
      sample.push(line);
      size += characters(line);
      if (sample.length >= SAMPLE_LINES || (size >= SAMPLE_CHARACTERS && sample.length > 1)) return sample;
    }
  }
  return sample;
}

/** Rows of a sample; the reader proper, not this one, says what is malformed. @param {string[]} lines  @param {string} delimiter */
function rowsOf(lines, delimiter) {
  const reader = new CsvReader(delimiter, false);
  const rows = [];
  try {
    for (const line of lines) {
      const row = reader.take(line);
      if (row?.length) rows.push(row);
    }
    const last = reader.end();
    if (last?.length) rows.push(last);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  return rows;
}

/** The delimiter whose rows agree best on their number of fields, leaves no other delimiter over, makes most fields. @param {string[]} lines */
function delimiterOf(lines) {
  let [best, merit] = [DELIMITERS[0], meritOf(lines, DELIMITERS[0])];
  for (const delimiter of DELIMITERS.slice(1)) {
    const other = meritOf(lines, delimiter);
    const differs = other.findIndex((value, i) => value !== merit[i]);
    if (differs >= 0 && other[differs] > merit[differs]) [best, merit] = [delimiter, other];
  }
  return best;
}

/** @param {string[]} lines  @param {string} delimiter */
function meritOf(lines, delimiter) {
  const rows = rowsOf(lines, delimiter);
  /** @type {Map<number, number>} */
  const widths = new Map();
  for (const row of rows) widths.set(row.length, (widths.get(row.length) ?? 0) + 1);
  let [width, agreeing] = [0, 0];
  for (const [size, times] of widths) if (times > agreeing) [width, agreeing] = [size, times];
  // One field per row is what a wrong delimiter makes; all rows agree on it.
  if (width < 2) return [0, 0, 0];
  const others = DELIMITERS.filter((other) => other !== delimiter);
  let [cells, clean] = [0, 0];
  for (const row of rows) {
    cells += row.length;
    for (const cell of row) {
      if (!others.some((other) => cell.includes(other)) || DECIMAL_COMMA.test(cell)) clean++;
    }
  }
  return [agreeing / rows.length, clean / cells, width];
}

/** @param {string[][]} rows  @param {string} delimiter */
function decimalOf(rows, delimiter) {
  if (delimiter === ",") return ".";
  const body = rows.slice(1);
  if (body.some((row) => row.some((cell) => DECIMAL_POINT.test(cell)))) return ".";
  return body.some((row) => row.some((cell) => DECIMAL_COMMA.test(cell))) ? "," : ".";
}

/** A header names its columns: it is text over numbers or, where all is text, values that never come again. @param {string[][]} rows  @param {string} decimal */
function isHeader(rows, decimal) {
  const first = rows[0].map(strip);
  const body = rows.slice(1);
  const columns = first.map((_, i) =>
    body.filter((row) => i < row.length && !isMissing(row[i])).map((row) => row[i]),
  );
  const named = first.map((cell) => !isNumber(cell, decimal) && !isMissing(cell));
  if (!named.includes(true)) return false;
  const numbers = (cells) => cells.length > 0 && cells.every((cell) => isNumber(cell, decimal));
  if (columns.some((cells, i) => named[i] && numbers(cells))) return true;
  if (first.some((cell) => isNumber(cell, decimal))) return false;
  const comesAgain = (cell, i) => columns[i].some((other) => strip(other) === cell);
  if (first.some((cell, i) => TARGET_NAMES.includes(cell.toLowerCase()) && !comesAgain(cell, i))) return true;
  if (rows.length === 1) return true;
  const repeating = columns.some((cells) => new Set(cells).size < cells.length);
  return repeating && !first.some(comesAgain);
}
