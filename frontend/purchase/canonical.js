/**
 * A specification as the text that its hash is made of, byte for byte as the backend writes it: keys sorted, no spaces,
 * integers as digits and the fields of `DECIMAL` as Python writes floats (1 as 1.0, 0.00001 as 1e-05).
 */

/** The fields of a specification that are decimal fractions, whatever their value. */
export const DECIMAL = new Set([
  "learning_rate",
  "server_learning_rate",
  "tolerated_share",
  "privacy_noise",
  "privacy_clip",
  "privacy_delta",
  "over_selection",
]);

/**
 * @param {any} value JSON values only
 * @param {string} [field] the name it stands under
 * @returns {string} throws TypeError for a number that the text cannot hold
 */
export function canonical(value, field = "") {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, field)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const pairs = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key], key)}`);
    return `{${pairs.join(",")}}`;
  }
  if (typeof value !== "number") return JSON.stringify(value);
  if (DECIMAL.has(field)) return decimal(value);
  if (!Number.isSafeInteger(value)) throw new TypeError(`${field} must be a whole number, not ${value}.`);
  return String(value);
}

/** A number as Python's `repr` writes a float. @param {number} value */
export function decimal(value) {
  if (!Number.isFinite(value)) throw new TypeError(`${value} is no number.`);
  const [mantissa, power] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent > 15) {
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const plain = Object.is(value, -0) ? "-0" : plainDigits(mantissa, exponent);
  return plain.includes(".") ? plain : `${plain}.0`;
}

function plainDigits(mantissa, exponent) {
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = digits.slice(exponent + 1);
  return sign + whole + (rest ? `.${rest}` : "");
}

/**
 * SHA-256 of a specification: what the job on chain commits to.
 * @param {object} spec @param {(bytes: Uint8Array) => string|Promise<string>} sha256 gives hex
 * @returns {Promise<string>} 64 hex digits
 */
export async function specificationHash(spec, sha256) {
  return bare(await sha256(new TextEncoder().encode(canonical(spec))));
}

/** Hex without its 0x, in lower case. @param {string} hex */
export function bare(hex) {
  return hex.toLowerCase().replace(/^0x/, "");
}
