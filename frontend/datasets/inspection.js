/**
 * What a customer's file holds, read exactly as `backend/datasets` reads it. Needs `Blob` and the vendored libraries only.
 *
 * @typedef {object} Column
 * @property {string} name
 * @property {"number" | "category" | "pixel"} kind
 * @property {number} missing cells without a value
 * @property {number | null} distinct different values; null where they are too many to count
 *
 * @typedef {object} Table
 * @property {"csv" | "npz" | "idx" | "zip"} format
 * @property {number} rows
 * @property {Column[]} columns the inputs
 * @property {boolean} [hasHeader]
 * @property {string} target
 * @property {string[]} classes
 * @property {number[]} counts rows of each class
 * @property {number[]} inputShape
 * @property {string[]} warnings
 * @property {object} shown see `preview` of `/static/datasets/inspect.js`
 * @property {{name: string, distinct?: number | null}[]} targets
 *
 * @typedef {(done: number, total: number) => void} Progress bytes read so far, of all that there are to read
 */

import { LIMITS } from "/static/datasets/limits.js";
import { checkSize, containerOf, hex, newHash, sha256Of } from "/static/datasets/source.js";
import { checkText } from "/static/datasets/csv_text.js";
import { loadCsv } from "/static/datasets/csv_file.js";
import { prepared } from "/static/datasets/idx_pair.js";

/**
 * @param {File[]} files one dataset, or the two halves of an IDX dataset
 * @param {object} [options]
 * @param {string | null} [options.target] the CSV column or NPZ array of classes, or the column's number
 * @param {import("/static/datasets/limits.js").Limits} [options.limits]
 * @param {Progress} [options.progress]
 * @param {import("/static/datasets/pictures.js").Decode | null} [options.decode] native decoding of JPEG files
 * @returns {Promise<{file: File, table: Table, sha256: string}>} or DatasetInvalid
 */
export async function inspect(
  files,
  { target = null, limits = LIMITS, progress = () => {}, decode = null } = {},
) {
  const file = await prepared(files);
  checkSize(file, file.name, limits);
  if ((await containerOf(file, file.name)) === "text") return csv(file, target, limits, progress);
  // Nothing of this is needed for a CSV.
  const { loadArchive } = await import("/static/datasets/containers.js");
  const heard = counter(2 * file.size, progress);
  const table = await loadArchive(file, target, limits, heard, decode);
  return { file, table, sha256: await sha256Of(file, heard) };
}

/** @param {File} file */
async function csv(file, target, limits, progress) {
  const heard = counter(2 * file.size, progress);
  const hash = newHash();
  const lineEnd = await checkText(file, file.name, limits, (block) => {
    hash.update(block);
    heard(block.length);
  });
  const table = await loadCsv(file, target, lineEnd, limits, heard);
  return { file, table, sha256: hex(hash.digest()) };
}

/** The nine facts that `POST /api/quotes` takes. */
export function factsOf({ file, table, sha256 }) {
  return {
    name: file.name,
    size: file.size,
    sha256,
    format: table.format,
    rows: table.rows,
    columns: table.columns.length,
    classes: table.classes,
    input_shape: table.inputShape,
    target: table.target,
  };
}

/** Adds up what was read and tells it. @param {number} total  @param {Progress} progress */
function counter(total, progress) {
  let done = 0;
  return (read) => {
    done = Math.min(done + read, total);
    progress(done, total);
  };
}
