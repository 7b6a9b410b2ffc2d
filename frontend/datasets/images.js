/**
 * A zip of class folders: every image file is one example, the name of its folder is its class.
 *
 * Pictures are decoded only as far as it takes to tell whether one has a colour: PNG and plain BMP here, JPEG by the browser.
 * What else may be wrong with a picture shows when the server decodes it, after the upload.
 *
 * @typedef {(file: Blob) => Promise<Uint8ClampedArray>} Decode red, green, blue and opacity of each pixel; rejects what is damaged
 */

import { DatasetInvalid, listed, quoted } from "/static/datasets/refusal.js";
import { LabelCounts, rareClassWarnings } from "/static/datasets/labels.js";
import { headerOf, isGrey } from "/static/datasets/image_files.js";
import { partsOf, suffixOf } from "/static/datasets/archive.js";
import { byCodePoint } from "/static/datasets/text.js";

/** @typedef {import("/static/datasets/archive.js").Archive} Archive */
/** @typedef {import("/static/datasets/archive.js").Member} Member */
/** @typedef {import("/static/datasets/limits.js").Limits} Limits */

const SUFFIXES = [".png", ".jpg", ".jpeg", ".bmp"];
const LEFT_BY_SYSTEMS = ["Thumbs.db", "desktop.ini"];
const MOST_PILLOW_OPENS = 178_956_970;
const PICTURES_SHOWN = 12;
const LARGEST_SHOWN = 4_000_000;

/**
 * @param {Archive} archive  @param {Limits} limits  @param {Decode | null} decode
 * @returns {Promise<import("/static/datasets/inspection.js").Table>}
 */
export async function loadImages(archive, limits, decode) {
  const { images, ignored } = filesOf(archive);
  if (!images.length) {
    throw new DatasetInvalid(
      "dataset.zip_content",
      `The archive ${quoted(archive.name)} holds no dataset: neither class folders of PNG, JPEG or BMP images, nor an IDX ` +
        `pair${ignored.length ? `, only ${listed(ignored)}` : ""}.`,
    );
  }
  const folders = foldersOf(images);
  const labels = new LabelCounts(limits);
  for (const folder of folders) labels.add(folder);
  const found = labels.ofTexts("folder");
  const warnings = rareClassWarnings(found, "folder");
  if (ignored.length) warnings.push(`Files that are not images were left out: ${listed(ignored)}.`);
  const read = await readPictures(archive, images, shownOf(folders), limits, decode);
  const { width, height } = read;
  if (read.resized) {
    warnings.push(
      `${read.resized} of ${images.length} images were resized to ${width} x ${height}, the size of the first.`,
    );
  }
  return {
    format: "zip",
    rows: images.length,
    columns: [{ name: "x", kind: "pixel", missing: 0, distinct: null }],
    target: "folder",
    ...found,
    inputShape: read.grey ? [height, width] : [height, width, 3],
    warnings,
    shown: { pictures: read.shown.map(({ index, file }) => ({ label: folders[index], file })) },
    targets: [{ name: "folder" }],
  };
}

/** Image members in the order of their paths, and the names of other files; what systems add by themselves is skipped. @param {Archive} archive */
function filesOf(archive) {
  const [images, ignored] = [[], []];
  for (const member of [...archive.members].sort((a, b) => byCodePoint(a.name, b.name))) {
    const parts = partsOf(member.name);
    if (parts.some((part) => part.startsWith(".") || part === "__MACOSX")) continue;
    if (LEFT_BY_SYSTEMS.includes(parts.at(-1))) continue;
    if (SUFFIXES.includes(suffixOf(member.name).toLowerCase())) images.push(member);
    else ignored.push(member.name);
  }
  return { images, ignored };
}

/** The class folder of each file; all lie equally deep, below one root folder or none. @param {Member[]} files */
function foldersOf(files) {
  const paths = files.map((file) => partsOf(file.name));
  const depth = paths[0].length;
  const first = quoted(paths[0].join("/"));
  const odd = paths.find((path) => path.length !== depth);
  if (odd) {
    throw new DatasetInvalid(
      "dataset.folders",
      `${first} and ${quoted(odd.join("/"))} lie at different depths: use one folder per class.`,
    );
  }
  const roots = new Set(paths.map((path) => path[0]));
  if (depth === 2 || (depth === 3 && roots.size === 1)) return paths.map((path) => path.at(-2));
  throw new DatasetInvalid(
    "dataset.folders",
    `${first} is not in a class folder: use one folder per class, in one common folder or none.`,
  );
}

/** A few files of each class. @param {string[]} folders */
function shownOf(folders) {
  const each = Math.max(1, Math.floor(PICTURES_SHOWN / new Set(folders).size));
  const taken = new Map();
  const shown = new Set();
  for (const [index, folder] of folders.entries()) {
    const before = taken.get(folder) ?? 0;
    if (before === each || shown.size === PICTURES_SHOWN) continue;
    taken.set(folder, before + 1);
    shown.add(index);
  }
  return shown;
}

/** Images take the size of the first; they are grey if all are grey. */
async function readPictures(archive, files, shownAt, limits, decode) {
  let [width, height, grey, resized] = [0, 0, true, 0];
  const shown = [];
  for (const [index, member] of files.entries()) {
    const data = await archive.whole(member);
    const header = headerOf(data);
    const pixels = header ? header.width * header.height : 0;
    if (!header || pixels > MOST_PILLOW_OPENS) throw damaged(member);
    if (pixels > limits.maxPixels) {
      throw new DatasetInvalid(
        "dataset.bomb",
        `The image ${quoted(member.name)} has ${header.width} x ${header.height} pixels, more than the ` +
          `${limits.maxPixels} that are possible.`,
      );
    }
    if (!index) {
      ({ width, height } = header);
      checkSize(files.length * width * height, limits);
    }
    if (header.width !== width || header.height !== height) resized += 1;
    if (grey && !(await isGreyFile(data, header, member, decode))) {
      grey = false;
      checkSize(files.length * width * height * 3, limits);
    }
    if (shownAt.has(index) && data.length <= LARGEST_SHOWN) {
      shown.push({ index, file: new Blob([data], { type: `image/${header.kind}` }) });
    }
  }
  return { width, height, grey, resized, shown };
}

async function isGreyFile(data, header, member, decode) {
  const known = isGrey(data, header);
  if (known === null) throw damaged(member);
  if (known !== undefined) return known;
  if (!decode) {
    throw new DatasetInvalid(
      "file.unread",
      `This browser cannot decode ${quoted(member.name)} to tell its colours: \`ecodml train\` does.`,
    );
  }
  let pixels;
  try {
    pixels = await decode(new Blob([data], { type: `image/${header.kind}` }));
  } catch {
    throw damaged(member);
  }
  for (let at = 0; at < pixels.length; at += 4) {
    if (pixels[at] !== pixels[at + 1] || pixels[at] !== pixels[at + 2]) return false;
  }
  return true;
}

/** @param {number} values  @param {Limits} limits */
function checkSize(values, limits) {
  if (values <= limits.maxValues) return;
  throw new DatasetInvalid(
    "dataset.too_many_values",
    `The images have ${values} values in all, more than the ${limits.maxValues} that are possible: make them smaller.`,
  );
}

/** @param {Member} member */
function damaged(member) {
  return new DatasetInvalid(
    "dataset.image_broken",
    `The image ${quoted(member.name)} cannot be decoded: it is damaged.`,
  );
}
