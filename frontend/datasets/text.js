/** Texts and numbers as Python reads and writes them, where JavaScript would do otherwise. */

const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const EDGES = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "gu");
const SPACES = new RegExp(`[${SPACE}]`, "gu");
const ASCII_EDGES = /^[\t-\r ]+|[\t-\r ]+$/g;
// eslint-disable-next-line no-control-regex
const NOT_ASCII = /[^\x00-\x7f]/;
const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const WORD = /^([-+]?)(?:(inf(?:inity)?)|nan)$/i;
const MISSING = new Set(["", "na", "n/a", "nan", "null", "?"]);
const ASTRAL = /[\ud800-\udbff][\udc00-\udfff]/g;
const DIGIT = /\p{Nd}/u;

/** The source of a character class of what Python's `\s` matches. */
export const SPACE_CLASS = SPACE;

/** Python's `str.strip()`. @param {string} text */
export function strip(text) {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  if (first > 32 && first < 127 && last > 32 && last < 127) return text;
  return text.replace(EDGES, "");
}

/** Length in characters, as Python counts them. @param {string} text */
export function characters(text) {
  return text.length - (text.match(ASTRAL)?.length ?? 0);
}

/** Order of texts by code point. @param {string} a  @param {string} b */
export function byCodePoint(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for characters beyond all others. @param {number} unit */
function rank(unit) {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/** A copy that does not keep the block alive which it was cut out of. @param {string} text */
export function kept(text) {
  return text.length < 13 ? text : (" " + text).slice(1);
}

/** Whether a cell stands for no value. @param {string} cell */
export function isMissing(cell) {
  if (!cell) return true;
  const bare = strip(cell);
  return bare.length < 5 && MISSING.has(bare.toLowerCase());
}

/**
 * Python's `float(text)`, but no underscores.
 * @param {string} text
 * @returns {number | undefined} NaN for "nan"; undefined for what is no number
 */
export function parseNumber(text) {
  const first = text.charCodeAt(0);
  const second = text.charCodeAt(1) | 32;
  const plain = (first >= 48 && first <= 57) || first === 45 || first === 43 || first === 46;
  // JavaScript reads 0x10, 0b1 and 0o7 too, and takes the byte order mark for a space.
  if (plain && !(first === 48 && (second === 120 || second === 98 || second === 111))) {
    const value = Number(text);
    if (value === value && text.charCodeAt(text.length - 1) !== 0xfeff) return value;
  }
  return slowly(text);
}

/** @param {string} text */
function slowly(text) {
  const ascii = NOT_ASCII.test(text) ? [...text.replace(SPACES, asciiSpace)].map(digit).join("") : text;
  const bare = ascii.replace(ASCII_EDGES, "");
  if (DECIMAL.test(bare)) return Number(bare);
  const word = WORD.exec(bare);
  if (!word) return undefined;
  return word[2] ? (word[1] === "-" ? -Infinity : Infinity) : NaN;
}

/** @param {string} space */
function asciiSpace(space) {
  return space.charCodeAt(0) > 126 ? " " : space;
}

/** Decimal digits of any script stand in runs of ten. @param {string} letter */
function digit(letter) {
  const point = Number(letter.codePointAt(0));
  if (point < 127 || !DIGIT.test(letter)) return letter;
  let zero = point;
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero--;
  return String((point - zero) % 10);
}

/** Python's `repr` of a float. @param {number} value */
export function repr(value) {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa, power] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}
