/** Two files dropped together: the images and the labels of an IDX dataset become the zip that `backend.datasets.pair_idx` makes. */

import { BLOCK, beginsWith, bytes, isIdx } from "/static/datasets/source.js";
import { DatasetInvalid } from "/static/datasets/refusal.js";
import { crc32 } from "/static/datasets/crc32.js";

const FIXED_DATE = 0x0021;
const UNIX = 3;
const VERSION = 20;
const OWNER_MAY_READ = 0o600;

/**
 * The file to upload.
 * @param {File[]} files
 * @returns {Promise<File>}
 */
export async function prepared(files) {
  if (files.length === 1) return files[0];
  const dimensions = files.length === 2 ? await Promise.all(files.map(dimensionsOf)) : [];
  const labels = dimensions.indexOf(1);
  if (labels < 0 || !(dimensions[1 - labels] > 1)) {
    throw new DatasetInvalid(
      "file.several",
      "A dataset is one file, or the images and the labels of an IDX dataset together: put other files into one zip.",
    );
  }
  const [pictures, names] = [files[1 - labels], files[labels]];
  const members = [await member("images-idx", pictures), await member("labels-idx", names)];
  return new File(zip(members), `${pictures.name}.zip`, { type: "application/zip" });
}

/** Dimensions of an IDX file, gzipped or not; 0 for another. @param {File} file */
async function dimensionsOf(file) {
  let start = await bytes(file, 0, 4096);
  if (beginsWith(start, "\x1f\x8b")) {
    const { gunzipStart } = await import("/static/datasets/inflate.js");
    start = gunzipStart(start, 20) ?? new Uint8Array(0);
  }
  return isIdx(start) ? start[3] : 0;
}

/** @param {string} base  @param {File} file */
async function member(base, file) {
  let crc = 0;
  for (let at = 0; at < file.size; at += BLOCK) crc = crc32(await bytes(file, at, at + BLOCK), crc);
  const gzip = beginsWith(await bytes(file, 0, 2), "\x1f\x8b");
  return { name: new TextEncoder().encode(base + (gzip ? ".gz" : "")), file, crc };
}

/** Members stored one after the other, the directory behind them. */
function zip(members) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, file, crc } of members) {
    const sizes = [4, crc, 4, file.size, 4, file.size, 2, name.length, 2, 0];
    const about = [2, 0, 2, 0, 2, 0, 2, FIXED_DATE, ...sizes];
    parts.push(packed([4, 0x04034b50, 2, VERSION, ...about]), name, file);
    const tail = [2, 0, 2, 0, 2, 0, 4, OWNER_MAY_READ * 65_536, 4, offset];
    directory.push(packed([4, 0x02014b50, 1, VERSION, 1, UNIX, 2, VERSION, ...about, ...tail]), name);
    offset += 30 + name.length + file.size;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = packed([
    4,
    0x06054b50,
    2,
    0,
    2,
    0,
    2,
    members.length,
    2,
    members.length,
    4,
    size,
    4,
    offset,
    2,
    0,
  ]);
  return [...parts, ...directory, end];
}

/** Little-endian numbers. @param {number[]} widthsAndValues each value behind its bytes */
function packed(widthsAndValues) {
  const out = [];
  for (let i = 0; i < widthsAndValues.length; i += 2) {
    const [width, value] = [widthsAndValues[i], widthsAndValues[i + 1]];
    for (let byte = 0; byte < width; byte++) out.push(Math.floor(value / 256 ** byte) % 256);
  }
  return new Uint8Array(out);
}
