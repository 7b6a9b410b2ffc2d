/** PNG files: their frame, and whether their pixels are all grey. Canvas cannot tell: it loses the colour under transparency. */

import { Inflater, Unreadable } from "/static/datasets/inflate.js";
import { crc32 } from "/static/datasets/crc32.js";
import { viewOf } from "/static/datasets/archive_directory.js";

/** @typedef {import("/static/datasets/image_files.js").Header} Header */

const SIGNATURE_BYTES = 8;
const CHUNK_BYTES = 12;
const ZLIB_BYTES = 2;
const [GREY, RGB, PALETTE, GREY_ALPHA, RGBA] = [0, 2, 3, 4, 6];
const CHANNELS = { [GREY]: 1, [RGB]: 3, [PALETTE]: 1, [GREY_ALPHA]: 2, [RGBA]: 4 };
const DEPTHS = {
  [GREY]: [1, 2, 4, 8, 16],
  [RGB]: [8, 16],
  [PALETTE]: [1, 2, 4, 8],
  [GREY_ALPHA]: [8, 16],
  [RGBA]: [8, 16],
};
/** Start and step of the columns and rows of each pass. */
const ADAM7 = [
  [0, 8, 0, 8],
  [4, 8, 0, 8],
  [0, 4, 4, 8],
  [2, 4, 0, 4],
  [0, 2, 2, 4],
  [1, 2, 0, 2],
  [0, 1, 1, 2],
];

/** @param {Uint8Array} data  @returns {Header | null} */
export function pngHeader(data) {
  const view = viewOf(data);
  /** @type {any} */
  let header = null;
  const packed = [];
  for (let at = SIGNATURE_BYTES; at + CHUNK_BYTES <= data.length;) {
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...data.subarray(at + 4, at + 8));
    const body = data.subarray(at + 8, at + 8 + length);
    if (body.length < length) return null;
    if (!header) {
      const sound =
        kind === "IHDR" &&
        length >= 13 &&
        view.getUint32(at + 8 + length) === crc32(data.subarray(at + 4, at + 8 + length));
      if (!sound) return null;
      const [width, height, depth, type, interlaced] = [
        view.getUint32(at + 8),
        view.getUint32(at + 12),
        body[8],
        body[9],
        body[12],
      ];
      if (!width || !height || !DEPTHS[type]?.includes(depth)) return null;
      header = { kind: "png", width, height, depth, type, interlaced, palette: new Uint8Array(0), packed };
    } else if (kind === "PLTE") {
      header.palette = body;
    } else if (kind === "IDAT") {
      packed.push(body);
    } else if (kind === "IEND") {
      break;
    }
    at += CHUNK_BYTES + length;
  }
  return packed.length ? header : null;
}

/** Whether all pixels are grey; null where the data is damaged. @param {Uint8Array} _data  @param {Header} header */
export function pngIsGrey(_data, header) {
  const { type, depth, palette } = header;
  const bits = CHANNELS[type] * depth;
  const passes = passesOf(header).map(([width, height]) => ({
    height,
    width,
    row: Math.ceil((width * bits) / 8),
  }));
  const raw = unpacked(
    header.packed,
    passes.reduce((sum, { row, height }) => sum + height * (row + 1), 0),
  );
  if (!raw) return null;
  if (type === GREY || type === GREY_ALPHA) return true;
  if (type === PALETTE && greyPalette(palette)) return true;
  const step = Math.max(1, bits / 8);
  let at = 0;
  for (const { width, height, row } of passes) {
    let before = new Uint8Array(row);
    for (let y = 0; y < height; y++, at += row + 1) {
      const line = raw.subarray(at + 1, at + 1 + row);
      if (!unfilter(raw[at], line, before, step)) return null;
      if (type === PALETTE ? !greyIndices(line, width, depth, palette) : !greyLine(line, step, depth / 8))
        return false;
      before = line;
    }
  }
  return true;
}

/** Width and height of each pass. */
function passesOf({ width, height, interlaced }) {
  if (!interlaced) return [[width, height]];
  return ADAM7.map(([x, dx, y, dy]) => [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)]).filter(
    ([w, h]) => w > 0 && h > 0,
  );
}

/** The filtered rows; null where the stream is damaged or too short. @param {Uint8Array[]} packed  @param {number} length */
function unpacked(packed, length) {
  const raw = new Uint8Array(length);
  const inflater = new Inflater();
  let [skip, at] = [ZLIB_BYTES, 0];
  try {
    for (const part of packed) {
      for (const piece of inflater.take(part.subarray(skip))) {
        raw.set(piece.subarray(0, length - at), at);
        at = Math.min(length, at + piece.length);
        if (at === length) return raw;
      }
      skip = Math.max(0, skip - part.length);
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  return null;
}

/** Undo a row's filter in place; false for an unknown one. */
function unfilter(filter, line, before, step) {
  if (filter > 4) return false;
  if (!filter) return true;
  for (let i = 0; i < line.length; i++) {
    const left = i < step ? 0 : line[i - step];
    const above = before[i];
    if (filter === 1) line[i] += left;
    else if (filter === 2) line[i] += above;
    else if (filter === 3) line[i] += (left + above) >> 1;
    else line[i] += paeth(left, above, i < step ? 0 : before[i - step]);
  }
  return true;
}

function paeth(left, above, corner) {
  const guess = left + above - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

/** @param {Uint8Array} line  @param {number} step bytes of a pixel  @param {number} channel bytes of a channel; the first counts */
function greyLine(line, step, channel) {
  for (let at = 0; at < line.length; at += step) {
    if (line[at] !== line[at + channel] || line[at] !== line[at + 2 * channel]) return false;
  }
  return true;
}

/**
 * Whether all colours are grey that a row of indices names.
 * @param {Uint8Array} line  @param {number} width  @param {number} depth bits of an index
 * @param {Uint8Array} palette  @param {number} [step] bytes of a colour
 */
export function greyIndices(line, width, depth, palette, step = 3) {
  for (let x = 0; x < width; x++) {
    const bit = x * depth;
    const index = (line[bit >> 3] >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    const [red, green, blue] = palette.subarray(step * index, step * index + 3);
    if (red !== green || red !== blue) return false;
  }
  return true;
}

function greyPalette(palette) {
  for (let at = 0; at < palette.length; at += 3) {
    if (palette[at] !== palette[at + 1] || palette[at] !== palette[at + 2]) return false;
  }
  return true;
}
