import { html, short } from "/static/html.js";

/** Names of nodes by lower-case address. @param {object[]} nodes of GET /api/nodes @returns {Map<string, string>} */
export function namesOf(nodes) {
  return new Map(nodes.map((node) => [node.provider.toLowerCase(), node.name]));
}

/** A node by its name, leading to its page; by its address where it has none. @param {string} address @param {Map<string, string>} names */
export function nodeLink(address, names) {
  const name = names.get(address.toLowerCase());
  return name ? html`<a href="/nodes/${address}" title=${address}>${name}</a>` : short(address);
}

/** A node in a sentence. @param {string} address @param {Map<string, string>} names */
export function nodeName(address, names) {
  return names.get(address.toLowerCase()) ?? `${address.slice(0, 8)}…${address.slice(-4)}`;
}

/** A sentence in which nodes stand by their addresses, with their names instead. @param {string} sentence @param {Map<string, string>} names */
export function naming(sentence, names) {
  return sentence
    .split(/(0x[0-9a-fA-F]{40})/)
    .map((part) => (names.has(part.toLowerCase()) ? nodeLink(part, names) : part));
}
