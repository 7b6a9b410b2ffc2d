/** The text of a CSV file: proved to be UTF-8, then handed out in lines, a block at a time. */

import { BLOCK, bytes } from "/static/datasets/source.js";
import { DatasetInvalid, quoted } from "/static/datasets/refusal.js";

const LINE_FEED = 10;
const RETURN = 13;

/**
 * Refuse what is not UTF-8 text, saying at which byte and line.
 * @param {Blob} file  @param {string} name
 * @param {import("/static/datasets/limits.js").Limits} limits
 * @param {(data: Uint8Array) => void} heard is shown every byte once, in order
 * @returns {Promise<"\n" | "\r">} the line end
 */
export async function checkText(file, name, limits, heard) {
  let [offset, line, lineStart, returns] = [0, 1, 0, 0];
  let carry = new Uint8Array(0);
  for (let at = 0; ; at += BLOCK) {
    const block = await bytes(file, at, at + BLOCK);
    heard(block);
    const data = joined(carry, block);
    if (offset === 0 && ((data[0] === 0xff && data[1] === 0xfe) || (data[0] === 0xfe && data[1] === 0xff))) {
      throw notUtf8(name, 0, 1, "it is UTF-16");
    }
    const nul = data.indexOf(0);
    const { whole, bad } = decodable(data, block.length === 0);
    const wrong = nul >= 0 && (bad < 0 || nul < bad) ? nul : bad;
    if (wrong >= 0) {
      const atLine = line + count(data, LINE_FEED, wrong);
      if (wrong !== nul) {
        throw notUtf8(
          name,
          offset + wrong,
          atLine,
          `the byte is 0x${data[wrong].toString(16).padStart(2, "0")}`,
        );
      }
      throw new DatasetInvalid(
        "dataset.nul",
        `${quoted(name)} has a NUL byte at byte ${offset + wrong} (line ${atLine}): it is not a text file.`,
      );
    }
    if (block.length === 0) return returns && line === 1 ? "\r" : "\n";
    lineStart = checkLineLength(data.subarray(0, whole), offset, line, lineStart, limits);
    line += count(data, LINE_FEED, whole);
    returns += count(data, RETURN, whole);
    carry = data.subarray(whole);
    offset += whole;
  }
}

/**
 * Lines with their `\n`, byte order mark removed, in arrays as they come. The text must have passed `checkText`.
 * @param {Blob} file  @param {"\n" | "\r"} lineEnd  @param {(read: number) => void} heard
 * @returns {AsyncGenerator<string[]>}
 */
export async function* linesOf(file, lineEnd, heard = () => {}) {
  const decoder = new TextDecoder();
  let rest = "";
  for (let at = 0; at < file.size; at += BLOCK) {
    const block = await bytes(file, at, at + BLOCK);
    let text = decoder.decode(block, { stream: true });
    if (lineEnd === "\r") text = text.replaceAll("\r", "\n");
    const lines = (rest + text).split("\n");
    rest = String(lines.pop());
    for (let i = 0; i < lines.length; i++) lines[i] += "\n";
    if (lines.length) yield lines;
    heard(block.length);
  }
  if (rest) yield [rest];
}

/**
 * How many bytes can be decoded, without a character that the end cuts in two; and where the first byte is that cannot.
 * @param {Uint8Array} data  @param {boolean} last whether nothing follows
 */
function decodable(data, last) {
  const whole = data.length - cutOff(data);
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(data.subarray(0, whole));
  } catch {
    return { whole, bad: firstBad(data) };
  }
  return { whole, bad: last && whole < data.length ? whole : -1 };
}

/** Bytes at the end that begin a character without finishing it. @param {Uint8Array} data */
function cutOff(data) {
  for (let back = 1; back <= Math.min(3, data.length); back++) {
    const at = data.length - back;
    if (data[at] >= 0xc0) return sequence(data, at) === 0 ? back : 0;
    if (data[at] < 0x80) return 0;
  }
  return 0;
}

/** Where the first ill-formed sequence starts, -1 where there is none. @param {Uint8Array} data */
function firstBad(data) {
  for (let at = 0; at < data.length;) {
    const length = data[at] < 0x80 ? 1 : sequence(data, at);
    if (length < 1) return at;
    at += length;
  }
  return -1;
}

/** Length of the character at a place; 0 where the data ends within it, -1 where it is none. @param {Uint8Array} data  @param {number} at */
function sequence(data, at) {
  const lead = data[at];
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (!length) return -1;
  for (let i = 1; i < length; i++) {
    const byte = data[at + i];
    if (byte === undefined) return 0;
    // The second byte rules out overlong forms, surrogates and what lies beyond Unicode.
    const low = i > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = i > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (byte < low || byte > high) return -1;
  }
  return length;
}

/** Where the last line begun so far starts in the file; a line too long to be a row is refused. */
function checkLineLength(data, offset, line, lineStart, limits) {
  let start = lineStart;
  let at = line;
  for (let i = 0; i <= data.length; i++) {
    const byte = i < data.length ? data[i] : LINE_FEED;
    if (byte !== LINE_FEED && byte !== RETURN) continue;
    if (offset + i - start > limits.maxRowBytes) {
      throw new DatasetInvalid(
        "dataset.row_too_long",
        `Line ${at} is longer than ${limits.maxRowBytes} bytes.`,
      );
    }
    if (i === data.length) break;
    start = offset + i + 1;
    if (byte === LINE_FEED) at += 1;
  }
  return start;
}

/** @param {Uint8Array} data  @param {number} byte  @param {number} end */
function count(data, byte, end) {
  let found = 0;
  for (let at = data.indexOf(byte); at >= 0 && at < end; at = data.indexOf(byte, at + 1)) found++;
  return found;
}

/** @param {Uint8Array} a  @param {Uint8Array} b */
function joined(a, b) {
  if (!a.length) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** @param {string} name  @param {number} offset  @param {number} line  @param {string} detail */
function notUtf8(name, offset, line, detail) {
  return new DatasetInvalid(
    "dataset.not_utf8",
    `${quoted(name)} is not UTF-8 text at byte ${offset} (line ${line}; ${detail}): save it as UTF-8.`,
  );
}
