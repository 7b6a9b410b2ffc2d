/** Headers of PNG, JPEG and BMP files, and whether their pixels are all grey, as far as that is told without a JPEG decoder. */

import { beginsWith } from "/static/datasets/source.js";
import { greyIndices, pngHeader, pngIsGrey } from "/static/datasets/png.js";
import { viewOf } from "/static/datasets/archive_directory.js";

/** @typedef {{kind: "png" | "jpeg" | "bmp", width: number, height: number, [more: string]: any}} Header */

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const FRAMES = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];
const NO_COMPRESSION = 0;

/** Size and kind; null where it is no such file, or a damaged one. @param {Uint8Array} data  @returns {Header | null} */
export function headerOf(data) {
  try {
    if (beginsWith(data, "\x89PNG\r\n\x1a\n")) return pngHeader(data);
    if (beginsWith(data, "\xff\xd8\xff")) return jpegHeader(data);
    if (beginsWith(data, "BM")) return bmpHeader(data);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

/** Whether all pixels are grey: undefined where only a decoder can tell, null where the data is damaged. @param {Uint8Array} data  @param {Header} header */
export function isGrey(data, header) {
  if (header.kind === "png") return pngIsGrey(data, header);
  if (header.kind === "jpeg") return header.components === 1 ? true : undefined;
  return bmpIsGrey(data, header);
}

/** @param {Uint8Array} data  @returns {Header | null} */
function jpegHeader(data) {
  const view = viewOf(data);
  for (let at = 2; ;) {
    while (view.getUint8(at) !== 0xff) at++;
    while (view.getUint8(at) === 0xff) at++;
    const marker = view.getUint8(at);
    if (marker === START_OF_SCAN) return null;
    if (FRAMES.includes(marker)) {
      const [bits, height, width] = [view.getUint8(at + 3), view.getUint16(at + 4), view.getUint16(at + 6)];
      const components = view.getUint8(at + 8);
      const whole = bits === 8 && width && height && [1, 3, 4].includes(components) && ends(data, at);
      return whole ? { kind: "jpeg", width, height, components } : null;
    }
    const alone = marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8);
    at += alone ? 1 : 1 + view.getUint16(at + 1);
  }
}

/** Whether the image's end stands behind a place: without it, it was cut short. @param {Uint8Array} data  @param {number} from */
function ends(data, from) {
  let at = data.lastIndexOf(END_OF_IMAGE);
  while (at > from && data[at - 1] !== 0xff) at = data.lastIndexOf(END_OF_IMAGE, at - 1);
  return at > from;
}

/** @param {Uint8Array} data  @returns {Header | null} */
function bmpHeader(data) {
  const view = viewOf(data);
  const [start, size] = [view.getUint32(10, true), view.getUint32(14, true)];
  const old = size === 12;
  const [width, height] = old
    ? [view.getUint16(18, true), view.getUint16(20, true)]
    : [view.getInt32(18, true), Math.abs(view.getInt32(22, true))];
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? NO_COMPRESSION : view.getUint32(30, true);
  if (width <= 0 || !height) return null;
  const row = Math.ceil((width * bits) / 32) * 4;
  if (compression === NO_COMPRESSION && start + row * height > data.length) return null;
  const colours = bits <= 8 && !old ? view.getUint32(46, true) || 2 ** bits : 0;
  const palette = colours ? data.subarray(14 + size, 14 + size + 4 * colours) : null;
  return { kind: "bmp", width, height, start, bits, row, compression, palette };
}

/** @param {Uint8Array} data  @param {Header} header */
function bmpIsGrey(data, { width, height, start, bits, row, compression, palette }) {
  if (compression !== NO_COMPRESSION || (!palette && bits !== 24 && bits !== 32)) return undefined;
  for (let y = 0, at = start; y < height; y++, at += row) {
    const line = data.subarray(at, at + row);
    if (palette ? !greyIndices(line, width, bits, palette, 4) : !greyPixels(line, width, bits / 8))
      return false;
  }
  return true;
}

/** @param {Uint8Array} line  @param {number} width  @param {number} step bytes of a pixel */
function greyPixels(line, width, step) {
  for (let at = 0; at < width * step; at += step) {
    if (line[at] !== line[at + 1] || line[at] !== line[at + 2]) return false;
  }
  return true;
}
