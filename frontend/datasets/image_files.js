/** Headers of PNG, JPEG and BMP files, and whether their pixels are all grey, as far as that is told without a JPEG decoder. */

import { beginsWith } from "/static/datasets/source.js";
import { pngHeader, pngIsGrey } from "/static/datasets/png.js";
import { viewOf } from "/static/datasets/archive_directory.js";

/** @typedef {{kind: "png" | "jpeg" | "bmp", width: number, height: number, [more: string]: any}} Header */

const START_OF_SCAN = 0xda;
const FRAMES = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];
const [RGB_FIELDS, NO_COMPRESSION] = [3, 0];

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
      const whole = bits === 8 && width && height && [1, 3, 4].includes(components);
      return whole ? { kind: "jpeg", width, height, components } : null;
    }
    const alone = marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8);
    at += alone ? 1 : 1 + view.getUint16(at + 1);
  }
}

/** @param {Uint8Array} data  @returns {Header | null} */
function bmpHeader(data) {
  const view = viewOf(data);
  const [start, size] = [view.getUint32(10, true), view.getUint32(14, true)];
  if (size === 12) {
    const [width, height] = [view.getUint16(18, true), view.getUint16(20, true)];
    return {
      kind: "bmp",
      width,
      height,
      start,
      bits: view.getUint16(24, true),
      compression: 0,
      palette: null,
    };
  }
  const [width, height] = [view.getInt32(18, true), Math.abs(view.getInt32(22, true))];
  const [bits, compression] = [view.getUint16(28, true), view.getUint32(30, true)];
  if (width <= 0 || !height) return null;
  const colours = bits <= 8 ? view.getUint32(46, true) || 2 ** bits : 0;
  const palette = colours ? data.subarray(14 + size, 14 + size + 4 * colours) : null;
  return { kind: "bmp", width, height, start, bits, compression, palette };
}

/** @param {Uint8Array} data  @param {Header} header */
function bmpIsGrey(data, { width, height, start, bits, compression, palette }) {
  if (palette) return isGreyPalette(palette) ? true : undefined;
  if ((bits !== 24 && bits !== 32) || compression !== NO_COMPRESSION) return undefined;
  const pixel = bits / 8;
  const row = Math.ceil((width * pixel) / 4) * 4;
  if (start + row * (height - 1) + width * pixel > data.length) return null;
  for (let y = 0; y < height; y++) {
    for (let at = start + y * row, end = at + width * pixel; at < end; at += pixel) {
      if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) return false;
    }
  }
  return true;
}

/** @param {Uint8Array} palette of four bytes a colour */
function isGreyPalette(palette) {
  for (let at = 0; at + RGB_FIELDS < palette.length; at += 4) {
    if (palette[at] !== palette[at + 1] || palette[at] !== palette[at + 2]) return false;
  }
  return true;
}
