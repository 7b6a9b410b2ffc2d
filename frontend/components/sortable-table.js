import { html } from "/static/html.js";

/**
 * A table that its reader sorts by a button in each column's header, and that redraws only the rows that changed.
 * @template Row
 * @param {object} parts
 * @param {string} parts.caption
 * @param {boolean} [parts.quiet] the caption is for screen readers: a heading above says as much
 * @param {{text: string, numeric?: boolean, wrap?: boolean, cell: (row: Row) => any, value?: (row: Row) => number|string|null}[]} parts.columns
 *   `value` is what a column is sorted by: without it, it is not; rows of which it is null come last
 * @param {(row: Row) => string} parts.key tells a row from all others
 * @param {{column: number, down?: boolean}} [parts.sort] where it starts
 * @returns {{element: Element, show: (rows: Row[]) => void}}
 */
export function sortableTable({ caption, quiet = false, columns, key, sort = { column: 0 } }) {
  const body = html`<tbody></tbody>`;
  const drawn = new Map();
  let rows = [];
  let { column: by, down = false } = sort;
  const kind = ({ numeric, wrap }) =>
    [numeric && "numeric", wrap && "wrap"].filter(Boolean).join(" ") || null;

  const heads = columns.map((column, index) => {
    const press = () => {
      down = by === index ? !down : Boolean(column.numeric);
      by = index;
      order();
    };
    const text = column.value
      ? html`<button type="button" class="sort" @click=${press}>${column.text}</button>`
      : column.text;
    return html`<th scope="col" class=${kind(column)}>${text}</th>`;
  });

  const cellOf = (column, index, row) =>
    index === 0
      ? html`<th scope="row" class=${kind(column)}>${column.cell(row)}</th>`
      : html`<td class=${kind(column)}>${column.cell(row)}</td>`;

  function order() {
    heads.forEach((head, index) => {
      if (index === by) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    const value = columns[by].value;
    const sorted = [...rows].sort((a, b) => compare(value(a), value(b), down));
    const wanted = sorted.map((row) => drawn.get(key(row)).line);
    const same =
      wanted.length === body.children.length && wanted.every((line, i) => body.children[i] === line);
    if (same) return;
    const active = document.activeElement;
    body.replaceChildren(...wanted);
    if (active?.isConnected && body.contains(active)) active.focus({ preventScroll: true });
  }

  function show(found) {
    rows = found;
    const keys = new Set(rows.map(key));
    for (const known of drawn.keys()) if (!keys.has(known)) drawn.delete(known);
    for (const row of rows) {
      const said = JSON.stringify(row);
      const before = drawn.get(key(row));
      if (before?.said === said) continue;
      const line = html`<tr>
        ${columns.map((column, index) => cellOf(column, index, row))}
      </tr>`;
      before?.line.replaceWith(line);
      drawn.set(key(row), { said, line });
    }
    order();
  }

  const element = html`<div class="scroll" role="region" aria-label=${caption} tabindex="0">
    <table>
      <caption class=${quiet ? "unseen" : null}>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      ${body}
    </table>
  </div>`;
  return { element, show };
}

function compare(one, other, down) {
  if (one === null || other === null) return (one === null) - (other === null);
  const order = typeof one === "string" ? one.localeCompare(other) : one - other;
  return down ? -order : order;
}
