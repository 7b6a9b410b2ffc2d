/**
 * HTML from templates whose interpolations are never parsed: text stays text, nodes are put where they stand.
 * Attributes: `name=${text}` (null and false leave it out), `?name=${bool}`, `@event=${listener}`, `.property=${value}`.
 */

const MARK = "\u0001";
const MARKED = new RegExp(`${MARK}(\\d+)${MARK}`, "g");
const SCRIPT_ADDRESS = /^\s*(javascript|data|vbscript):/i;
const COPIED_MS = 1500;
const templates = new WeakMap();

/**
 * @param {TemplateStringsArray} strings @param {...any} values
 * @returns {Element|DocumentFragment} the element, where the template has one; else a fragment
 */
export function html(strings, ...values) {
  const made = document.importNode(templateOf(strings).content, true);
  const walker = document.createTreeWalker(made, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  for (const node of found) {
    if (node instanceof Comment) insert(node, values);
    else fill(node, values);
  }
  return made.childNodes.length === 1 && made.firstElementChild ? made.firstElementChild : made;
}

/** Put `nodes` in place of all that `place` holds. @param {Element} place @param {...any} nodes */
export function replace(place, ...nodes) {
  place.replaceChildren(...nodes.flatMap(asNodes));
}

/** A long hash or address: shortened for the eye, whole on hover, and to be copied. @param {string} text */
export function short(text) {
  const shown = text.length > 14 ? `${text.slice(0, 8)}…${text.slice(-4)}` : text;
  const copy = async (event) => {
    const button = event.currentTarget;
    await navigator.clipboard?.writeText(text);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), COPIED_MS);
  };
  return html`<span class="hash"
    ><code title=${text}>${shown}</code
    ><button type="button" class="copy" aria-label="Copy ${shown}" @click=${copy}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d="M5 2h8v9M3 5h7v9H3z" />
      </svg></button
  ></span>`;
}

/** A moment for the reader's eye and for machines. @param {number} seconds Unix time */
export function time(seconds) {
  const at = new Date(seconds * 1000);
  return html`<time datetime=${at.toISOString()}>${at.toLocaleString()}</time>`;
}

/**
 * A table that scrolls by itself on narrow screens.
 * @param {object} parts
 * @param {string} parts.caption
 * @param {(string|{text: string, numeric?: boolean})[]} parts.head
 * @param {any[][]} parts.rows the cells: texts or nodes; the first of a row is its header
 * @param {any} [parts.empty] what stands there without rows
 */
export function table({ caption, head, rows, empty = null }) {
  if (rows.length === 0 && empty) return empty;
  const columns = head.map((column) => (typeof column === "string" ? { text: column } : column));
  const kind = (index) => (columns[index]?.numeric ? "numeric" : null);
  const cell = (value, index) =>
    index === 0
      ? html`<th scope="row" class=${kind(index)}>${value}</th>`
      : html`<td class=${kind(index)}>${value}</td>`;
  return html`<div class="scroll" role="region" aria-label=${caption} tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column, index) => html`<th scope="col" class=${kind(index)}>${column.text}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map(cell)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const sheets = new Map();

/** Load a page's stylesheet, once. @param {string} name of a file in /static/styles @returns {Promise<void>} */
export function styles(name) {
  if (!sheets.has(name)) {
    const link = html`<link rel="stylesheet" href="/static/styles/${name}.css" />`;
    sheets.set(
      name,
      new Promise((done) => {
        link.addEventListener("load", () => done());
        link.addEventListener("error", () => done());
      }),
    );
    document.head.append(link);
  }
  return sheets.get(name);
}

function templateOf(strings) {
  let template = templates.get(strings);
  if (!template) {
    template = document.createElement("template");
    template.innerHTML = strings
      .reduce((text, part, index) => {
        const place = `${MARK}${index - 1}${MARK}`;
        return text + (inTag(text) ? quoted(text, place) : `<!--${place}-->`) + part;
      })
      .trim();
    templates.set(strings, template);
  }
  return template;
}

const inTag = (text) => text.lastIndexOf("<") > text.lastIndexOf(">");
// Within a value that is quoted already (`href="/a?b=${c}"`) the place stands as it is.
const opensValue = (text) =>
  text.endsWith("=") && text.slice(text.lastIndexOf("<")).split('"').length % 2 === 1;
const quoted = (text, place) => (opensValue(text) ? `"${place}"` : place);

function insert(comment, values) {
  const index = new RegExp(MARKED.source).exec(comment.data)?.[1];
  if (index !== undefined) comment.replaceWith(...asNodes(values[Number(index)]));
}

function asNodes(value) {
  if (value === null || value === undefined || value === false || value === "") return [];
  if (Array.isArray(value)) return value.flatMap(asNodes);
  return [value instanceof Node ? value : document.createTextNode(String(value))];
}

function fill(element, values) {
  for (const { name, value: text } of [...element.attributes]) {
    if (!text.includes(MARK)) continue;
    const whole = new RegExp(`^${MARKED.source}$`).exec(text);
    const value = whole
      ? values[Number(whole[1])]
      : text.replace(MARKED, (_, i) => String(values[Number(i)]));
    element.removeAttribute(name);
    set(element, name, value);
  }
}

function set(element, name, value) {
  if (name.startsWith("@")) element.addEventListener(name.slice(1), value);
  else if (name.startsWith("?")) element.toggleAttribute(name.slice(1), Boolean(value));
  else if (name.startsWith(".")) element[name.slice(1)] = value;
  else if (value !== null && value !== undefined && value !== false) {
    if (name === "href" && SCRIPT_ADDRESS.test(String(value)))
      throw new TypeError("An address may not run script.");
    element.setAttribute(name, String(value));
  }
}
