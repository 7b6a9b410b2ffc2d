import { html, table } from "/static/html.js";
import { percent } from "/static/units.js";

const SHOWN_CLASSES = 40;
const SHADES = 8;

/**
 * Which class was taken for which: counts in shaded cells, the shade of a cell being its part of its row; recall and precision
 * of each class beside it.
 * @param {number[][]} confusion rows: what it was; columns: what the model said @param {string[]} classes
 */
export function confusionMatrix(confusion, classes) {
  const names = confusion.map((_, index) => classes[index] ?? `class ${index}`);
  if (names.length > SHOWN_CLASSES) return byClass(confusion, names);
  return html`<div>
    <div class="scroll" role="region" aria-label="Confusion matrix" tabindex="0">
      <table class="confusion">
        <caption>
          Confusion matrix on the test part: rows are what it was, columns what the model said
        </caption>
        <thead>
          <tr>
            <th scope="col">Was ↓ said →</th>
            ${names.map((name) => html`<th scope="col" class="numeric">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${confusion.map((row, index) => {
            const rows = row.reduce((a, b) => a + b, 0);
            return html`<tr>
              <th scope="row">${names[index]}</th>
              ${row.map((n, column) => {
                const kind = column === index ? "hit" : "miss";
                return html`<td class="numeric ${kind} shade-${shade(n, rows)}">${n}</td>`;
              })}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    ${byClass(confusion, names)}
  </div>`;
}

function byClass(confusion, names) {
  return table({
    caption: "By class",
    head: [
      "Class",
      { text: "Rows", numeric: true },
      { text: "Recall", numeric: true },
      { text: "Precision", numeric: true },
      { text: "F1", numeric: true },
    ],
    rows: perClass(confusion).map(({ rows, recall, precision, f1 }, index) => [
      names[index],
      String(rows),
      ...[recall, precision, f1].map((share) => (share === null ? "–" : percent(share, 1))),
    ]),
  });
}

/** Of each class: rows, and recall, precision and F1 between 0 and 1, null where there is nothing to divide by. @param {number[][]} confusion */
function perClass(confusion) {
  return confusion.map((row, index) => {
    const hits = row[index];
    const rows = row.reduce((a, b) => a + b, 0);
    const said = confusion.reduce((sum, other) => sum + other[index], 0);
    return {
      rows,
      recall: rows ? hits / rows : null,
      precision: said ? hits / said : null,
      f1: rows + said ? (2 * hits) / (rows + said) : null,
    };
  });
}

const shade = (n, of) => (n === 0 || of === 0 ? 0 : Math.max(1, Math.round((SHADES * n) / of)));
