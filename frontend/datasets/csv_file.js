/** A CSV file: which column is the target, which columns can be learned from, what the classes are. */

import { DatasetInvalid, listed, quoted } from "/static/datasets/refusal.js";
import { NumberColumn, TextColumn } from "/static/datasets/csv_cells.js";
import { TARGET_NAMES, sniff } from "/static/datasets/csv_dialect.js";
import { linesOf } from "/static/datasets/csv_text.js";
import { rareClassWarnings } from "/static/datasets/labels.js";
import { readColumns } from "/static/datasets/csv_columns.js";
import { isSquare, LARGEST_PIXEL } from "/static/datasets/pixels.js";
import { strip } from "/static/datasets/text.js";

/** @typedef {import("/static/datasets/inspection.js").Table} Table */

const ROWS_TO_CALL_IT_AN_ID = 10;
const CATEGORY_SLOTS = 64;
const LONGEST_CELL = 200;

/**
 * What a CSV file holds.
 * @param {File} file  @param {string | null} wish  @param {"\n" | "\r"} lineEnd
 * @param {import("/static/datasets/limits.js").Limits} limits  @param {(read: number) => void} heard
 * @returns {Promise<Table>}
 */
export async function loadCsv(file, wish, lineEnd, limits, heard) {
  const dialect = await sniff(linesOf(file, lineEnd), file.name);
  if (dialect.names.length > limits.maxColumns) {
    throw new DatasetInvalid(
      "dataset.too_many_columns",
      `The file has ${dialect.names.length} columns, more than the ${limits.maxColumns} that are possible.`,
    );
  }
  const target = targetPosition(dialect, wish);
  if (dialect.names.length < 2) {
    throw new DatasetInvalid(
      "dataset.no_features",
      `The only column of ${quoted(file.name)} is the target: separate columns by a comma, semicolon, tab or bar.`,
    );
  }
  const texts = new Set();
  let read = null;
  while (!read) read = await readColumns(linesOf(file, lineEnd, heard), dialect, target, limits, texts);
  return tableOf(read, target, dialect);
}

/** By name, else by number counted from 1 or, if negative, from the end; without a wish, a telling name or the last. */
function targetPosition({ names, hasHeader }, wish) {
  const lower = names.map((name) => name.toLowerCase());
  if (wish === null) {
    const known = hasHeader
      ? TARGET_NAMES.map((name) => lower.indexOf(name)).find((at) => at >= 0)
      : undefined;
    return known ?? names.length - 1;
  }
  const exact = names.indexOf(strip(wish));
  if (exact >= 0) return exact;
  const alike = strip(wish).toLowerCase();
  const first = lower.indexOf(alike);
  if (first >= 0 && lower.indexOf(alike, first + 1) < 0) return first;
  const number = /^-?[0-9]{1,9}$/.test(strip(wish)) ? Number(strip(wish)) : 0;
  if (number && Math.abs(number) <= names.length) return number > 0 ? number - 1 : names.length + number;
  throw withTargets(
    new DatasetInvalid(
      "dataset.no_such_target",
      `There is no column ${quoted(wish)} to be the target; the columns are ${listed(names)}.`,
    ),
    names.map((name) => ({ name })),
  );
}

/** @param {import("/static/datasets/csv_columns.js").Read} read  @returns {Table} */
function tableOf(read, target, dialect) {
  const { columns, labels } = read;
  for (const column of columns) column.check();
  const targets = dialect.names.map((name, i) => ({ name, ...counted(columns[i]) }));
  try {
    return { ...trainable(read, target, dialect), targets };
  } catch (error) {
    if (error instanceof DatasetInvalid && labels) withTargets(error, targets);
    throw error;
  }
}

/** @param {import("/static/datasets/csv_columns.js").Read} read */
function trainable({ columns, labels, rows, first }, target, dialect) {
  const name = dialect.names[target];
  const kept = labels.total;
  const warnings = [];
  if (!kept) {
    throw new DatasetInvalid(
      "dataset.no_target_values",
      `The target column ${quoted(name)} has no values at all.`,
    );
  }
  if (kept < rows) {
    warnings.push(`${rows - kept} rows without a value of the target ${quoted(name)} were left out.`);
  }
  const isText = columns[target] instanceof TextColumn;
  const found = isText ? labels.ofTexts(name) : labels.ofNumbers(name);
  warnings.push(...rareClassWarnings(found, name));
  const features = featuresOf(columns, target, dialect, kept, warnings);
  if (!features.length) {
    throw new DatasetInvalid(
      "dataset.no_features",
      `Beside the target ${quoted(name)} there is no column that can be learned from.`,
    );
  }
  const pixels = shareOneScale(features.map((i) => columns[i]));
  const kind = (column) => (column instanceof TextColumn ? "category" : pixels ? "pixel" : "number");
  const described = (i) => ({ name: dialect.names[i], kind: kind(columns[i]), ...counted(columns[i]) });
  const width = (i) =>
    columns[i] instanceof TextColumn ? Math.min(columns[i].distinct.count, CATEGORY_SLOTS) : 1;
  const role = (i) => (i === target ? "target" : features.includes(i) ? "input" : "left out");
  return {
    format: "csv",
    rows: kept,
    columns: features.map(described),
    hasHeader: dialect.hasHeader,
    target: name,
    ...found,
    inputShape: [features.reduce((sum, i) => sum + width(i), 0)],
    warnings,
    shown: {
      head: dialect.names.map((_, i) => ({
        ...described(i),
        kind: columns[i] instanceof TextColumn ? "category" : i !== target && pixels ? "pixel" : "number",
        role: role(i),
      })),
      rows: first.map((row) => row.map((cell) => cell.slice(0, LONGEST_CELL))),
    },
  };
}

/** Positions of the columns that are worth learning from. */
function featuresOf(columns, target, dialect, rows, warnings) {
  const [features, dropped] = [[], []];
  for (const [i, column] of columns.entries()) {
    if (i === target) continue;
    const name = dialect.names[i];
    if (column.missing === rows) {
      throw new DatasetInvalid(
        "dataset.empty_column",
        `The column ${quoted(name)} (number ${i + 1}) has no values at all.`,
      );
    }
    const present = rows - column.missing;
    if (present >= ROWS_TO_CALL_IT_AN_ID && column.tellsApart(present)) {
      dropped.push(name);
      continue;
    }
    const { count, stopped } = column.distinct;
    if (column instanceof TextColumn && count > CATEGORY_SLOTS) {
      warnings.push(
        `The column ${quoted(name)} has ${stopped ? `at least ${count}` : count} different texts: only the ` +
          `${CATEGORY_SLOTS} most frequent are told apart.`,
      );
    }
    features.push(i);
  }
  if (dropped.length) warnings.push(`Left out because every row has its own value: ${listed(dropped)}.`);
  return features;
}

/** Whether flat columns are the pixels of square images, grey or RGB: whole numbers in 0..255, or fractions in 0..1. */
function shareOneScale(columns) {
  if (!isSquare(columns.length)) return false;
  let [whole, largest] = [true, 0];
  for (const column of columns) {
    if (!(column instanceof NumberColumn) || column.missing) return false;
    if (column.least < 0 || column.largest > LARGEST_PIXEL) return false;
    whole = whole && column.whole;
    largest = Math.max(largest, column.largest);
  }
  return whole || largest <= 1;
}

/** Missing cells and different values; null where there are too many to count. */
function counted({ missing, distinct }) {
  return { missing, distinct: distinct.stopped ? null : distinct.count };
}

/** @param {DatasetInvalid} error  @param {object[]} targets */
function withTargets(error, targets) {
  error.targets = targets;
  return error;
}
