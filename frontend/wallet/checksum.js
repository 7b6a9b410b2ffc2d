/** Addresses as EIP-55 writes them: capitals are a checksum. */

/** @param {string} address 40 hex digits after 0x @returns {Promise<string>} */
export async function checksummed(address) {
  // Loaded only where there is a wallet.
  const { keccak_256: keccak } = await import("/vendor/noble/sha3.js");
  return capitals(address, (text) => keccak(new TextEncoder().encode(text)));
}

/** @param {string} address @param {(text: string) => Uint8Array} keccak of a text's bytes @returns {string} */
export function capitals(address, keccak) {
  if (!/^0x[0-9a-f]{40}$/i.test(address))
    throw new TypeError("A wallet named an account that is no address.");
  const digits = address.slice(2).toLowerCase();
  const hash = keccak(digits);
  const nibble = (index) => (index % 2 ? hash[index >> 1] & 15 : hash[index >> 1] >> 4);
  return "0x" + [...digits].map((digit, index) => (nibble(index) > 7 ? digit.toUpperCase() : digit)).join("");
}
