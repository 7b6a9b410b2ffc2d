/** What may be retired, as the contract has it. */

/**
 * The amount meant by a text, in µg, or a sentence why it is none.
 * @param {string} text @param {number} held @returns {bigint|string}
 */
export function amountIn(text, held) {
  const said = text.trim().replaceAll(/[\s,]/g, "").toLowerCase();
  if (said === "all") return BigInt(held);
  if (!/^\d+$/.test(said) || BigInt(said) === 0n) return "Enter a whole number of µg above 0, or “all”.";
  if (BigInt(said) > BigInt(held)) return `This account holds ${held} µg of these credits.`;
  return BigInt(said);
}

/** Why a text is too long for the chain, in bytes; null where it is not. @param {string} text @param {number} most */
export function textProblem(text, most) {
  const size = new TextEncoder().encode(text).length;
  return size > most ? `These are ${size} bytes; the chain takes ${most}.` : null;
}
