/**
 * Wallets in this browser, as they announce themselves (EIP-6963).
 * @typedef {{uuid: string, name: string, icon: string|null, rdns: string}} Info
 * @typedef {{info: Info, provider: any}} Announced
 */

const LONGEST_NAME = 60;
const LEGACY = "legacy";

/**
 * Tell `heard` of every wallet, once each; wallets that start late are heard later.
 * @param {(found: Announced) => void} heard
 */
export function discover(heard) {
  const seen = new Set();
  window.addEventListener("eip6963:announceProvider", ({ detail }) => {
    const info = cleanInfo(detail?.info);
    if (info === null || typeof detail.provider?.request !== "function" || seen.has(info.uuid)) return;
    seen.add(info.uuid);
    heard({ info, provider: detail.provider });
  });
  window.dispatchEvent(new Event("eip6963:requestProvider"));
}

/** A wallet of before EIP-6963: of use only where none has announced itself. @returns {Announced|null} */
export function legacy() {
  const provider = window.ethereum;
  if (typeof provider?.request !== "function") return null;
  return { info: { uuid: LEGACY, name: "Browser wallet", icon: null, rdns: LEGACY }, provider };
}

/** What a wallet says of itself, as far as it can be shown; icons only as images within the page. @returns {Info|null} */
export function cleanInfo(info) {
  const { uuid, name, icon, rdns } = info ?? {};
  if (![uuid, name, rdns].every((text) => typeof text === "string" && text !== "")) return null;
  const isImage = typeof icon === "string" && /^data:image\/(svg\+xml|png|jpeg|gif|webp)[;,]/i.test(icon);
  return { uuid, name: name.slice(0, LONGEST_NAME), icon: isImage ? icon : null, rdns };
}
