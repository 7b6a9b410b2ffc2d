/**
 * Make an element. Children are elements or text; text is never parsed as HTML.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * A table with a head and rows of cells.
 * @param {string} caption
 * @param {string[]} head
 * @param {(Node|string)[][]} rows
 */
export function table(caption, head, rows) {
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    element(
      "table",
      {},
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
      element(
        "tbody",
        {},
        ...rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell)))),
      ),
    ),
  );
}

/** A long hash or address, shortened for the eye and whole on hover. @param {string} text */
export function short(text) {
  const shown = text.length > 14 ? `${text.slice(0, 8)}…${text.slice(-4)}` : text;
  return element("code", { title: text }, shown);
}
