/** IDX files, the original form of MNIST: images and labels, each perhaps gzipped, together in a zip. */

import { DatasetInvalid, listed, quoted } from "/static/datasets/refusal.js";
import { InputScan } from "/static/datasets/arrays.js";
import { LabelScan } from "/static/datasets/label_arrays.js";
import { Unreadable, gunzipStart, gunzipped } from "/static/datasets/inflate.js";
import { beginsWith, isIdx } from "/static/datasets/source.js";
import { byCodePoint } from "/static/datasets/text.js";
import { shownArray } from "/static/datasets/shown_array.js";

/** @typedef {import("/static/datasets/archive.js").Archive} Archive */
/** @typedef {import("/static/datasets/archive.js").Member} Member */
/** @typedef {import("/static/datasets/npy.js").Header & {member: Member, bytes: number}} Part */

const GZIP_MAGIC = "\x1f\x8b";
const TYPES = { 8: ["u", 1], 9: ["i", 1], 11: ["i", 2], 12: ["i", 4], 13: ["f", 4], 14: ["f", 8] };

/** Whether some member of the archive is an IDX file, gzipped or not. @param {Archive} archive */
export async function holdsIdx(archive) {
  for (const member of archive.members)
    if (mayBeIdx(member) && isIdx(await startOf(archive, member))) return true;
  return false;
}

/** @param {Archive} archive  @param {import("/static/datasets/limits.js").Limits} limits  @returns {Promise<import("/static/datasets/inspection.js").Table>} */
export async function loadIdx(archive, limits) {
  /** @type {Part[]} */
  const parts = [];
  for (const member of [...archive.members].sort((a, b) => byCodePoint(a.name, b.name))) {
    if (mayBeIdx(member)) parts.push(await partOf(archive, member));
  }
  const images = parts.filter(({ shape }) => shape.length > 1);
  const labels = parts.filter(({ shape }) => shape.length === 1);
  checkPairs(parts, images, labels);
  checkSize(images, limits);
  const inputs = new InputScan(images[0].shape.slice(1));
  let rows = 0;
  for (const part of images) {
    await inputs.take(part.member.name, part, content(archive, part), rows);
    if (inputs.wrong) throw inputs.wrong;
    rows += part.shape[0];
  }
  const scan = new LabelScan("labels", limits, labels);
  for (const part of labels) await scan.take(part, content(archive, part));
  return {
    format: "idx",
    rows,
    columns: inputs.described(),
    target: "labels",
    inputShape: inputs.shape,
    ...scan.found(),
    shown: shownArray(inputs, scan, "labels"),
    targets: [{ name: "labels" }],
  };
}

/** @param {Part[]} parts  @param {Part[]} images  @param {Part[]} labels */
function checkPairs(parts, images, labels) {
  if (!images.length || images.length !== labels.length) {
    throw new DatasetInvalid(
      "dataset.idx_pair",
      `The archive holds ${images.length} IDX files of images and ${labels.length} of labels ` +
        `(${listed(parts.map(({ member }) => member.name))}): one of labels is needed for each one of images.`,
    );
  }
  for (const [i, image] of images.entries()) {
    if (image.shape[0] !== labels[i].shape[0]) {
      throw new DatasetInvalid(
        "dataset.length_mismatch",
        `${quoted(image.member.name)} has ${image.shape[0]} images and ${quoted(labels[i].member.name)} has ` +
          `${labels[i].shape[0]} labels: there must be one label for each.`,
      );
    }
    if (String(image.shape.slice(1)) !== String(images[0].shape.slice(1))) {
      throw new DatasetInvalid(
        "dataset.array_shape",
        `${quoted(image.member.name)} holds images of another size.`,
      );
    }
  }
}

/** @param {Part[]} images  @param {import("/static/datasets/limits.js").Limits} limits */
function checkSize(images, limits) {
  const sum = (of) => images.reduce((so_far, part) => so_far + of(part), 0);
  const rows = sum(({ shape }) => shape[0]);
  const values = sum(({ shape }) => shape.reduce((product, n) => product * n, 1));
  const size = sum(({ bytes }) => bytes);
  if (!values) {
    throw new DatasetInvalid("dataset.array_shape", `The images ${quoted(images[0].member.name)} are empty.`);
  }
  if (rows > limits.maxRows) {
    throw new DatasetInvalid(
      "dataset.too_many_rows",
      `${rows} images are more than the ${limits.maxRows} that are possible.`,
    );
  }
  if (values > limits.maxValues) {
    throw new DatasetInvalid(
      "dataset.too_many_values",
      `${values} pixels in all are more than the ${limits.maxValues} that are possible.`,
    );
  }
  if (size > limits.maxUncompressedBytes) {
    throw new DatasetInvalid(
      "dataset.bomb",
      `The images would unpack to ${size} bytes, more than the ${limits.maxUncompressedBytes} that are possible.`,
    );
  }
}

/** @param {Member} member */
function mayBeIdx(member) {
  const path = member.name.toLowerCase();
  const base = path.slice(path.lastIndexOf("/") + 1);
  if (base.startsWith(".") || path.startsWith("__macosx/")) return false;
  return base.includes("idx") || base.includes("ubyte") || base.endsWith(".gz") || !base.includes(".");
}

/** Magic number and dimensions. @param {Archive} archive  @param {Member} member */
async function startOf(archive, member) {
  const start = await archive.start(member, 4096);
  if (!beginsWith(start, GZIP_MAGIC)) return start.subarray(0, 20);
  const plain = gunzipStart(start, 20);
  if (!plain) throw damaged(member, "its gzip data cannot be read");
  return plain;
}

/** @returns {Promise<Part>} */
async function partOf(archive, member) {
  const head = await startOf(archive, member);
  if (!isIdx(head) || head.length < 4 + 4 * head[3]) throw damaged(member, "it is not an IDX file");
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const shape = Array.from({ length: head[3] }, (_, i) => view.getUint32(4 + 4 * i));
  const [kind, size] = TYPES[head[2]];
  const start = 4 + 4 * shape.length;
  const bytes = start + shape.reduce((product, n) => product * n, 1) * size;
  return { member, shape, fortran: false, type: { kind, size, little: false, told: "" }, start, bytes };
}

/** The file, exactly as long as its header says; a gzip stream is never inflated beyond that. @param {Archive} archive  @param {Part} part */
async function* content(archive, part) {
  const { member } = part;
  const gzip = beginsWith(await archive.start(member, 2), GZIP_MAGIC);
  const promised = `its header promises ${part.bytes} bytes and it has`;
  let length = 0;
  try {
    for await (const piece of gzip ? gunzipped(archive.content(member)) : archive.content(member)) {
      length += piece.length;
      if (length > part.bytes) throw damaged(member, `${promised} more`);
      yield piece;
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw damaged(member, "its gzip data cannot be read");
  }
  if (length !== part.bytes) throw damaged(member, `${promised} ${length}`);
}

/** @param {Member} member  @param {string} why */
function damaged(member, why) {
  return new DatasetInvalid("dataset.idx_broken", `The member ${quoted(member.name)} is damaged: ${why}.`);
}
