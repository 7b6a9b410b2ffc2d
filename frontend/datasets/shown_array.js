/** What a page shows of arrays: pictures, or a table of the first rows. */

const COLUMNS_SHOWN = 30;
const ROWS_SHOWN = 8;

/**
 * @param {import("/static/datasets/arrays.js").InputScan} inputs
 * @param {import("/static/datasets/label_arrays.js").LabelScan} labels
 * @param {string} target
 */
export function shownArray(inputs, labels, target) {
  const { width, shape } = inputs;
  const examples = Math.min(inputs.first.length / width, labels.first.length);
  const rows = Array.from({ length: examples }, (_, i) => inputs.first.subarray(i * width, (i + 1) * width));
  if (shape.length > 1 || inputs.pixels) {
    const size = pictureSize(shape, width);
    const scale = grey(inputs);
    return {
      pictures: rows.map((values, i) => ({ label: String(labels.first[i]), ...size, values: scale(values) })),
    };
  }
  const columns = inputs.described().slice(0, COLUMNS_SHOWN);
  return {
    head: [
      ...columns.map((column) => ({ ...column, role: "input" })),
      { name: target, kind: "category", missing: 0, distinct: labels.counts.distinct, role: "target" },
    ],
    rows: rows
      .slice(0, ROWS_SHOWN)
      .map((values, i) => [...Array.from(values.subarray(0, COLUMNS_SHOWN), told), String(labels.first[i])]),
    columns: width,
  };
}

/** Height, width and colours of an example; flat ones are square. @param {number[]} shape  @param {number} width */
function pictureSize(shape, width) {
  if (shape.length > 1) return { height: shape[0], width: shape[1], channels: shape[2] ?? 1 };
  const channels = Number.isInteger(Math.sqrt(width)) ? 1 : 3;
  const side = Math.sqrt(width / channels);
  return { height: side, width: side, channels };
}

/** Values as bytes: fractions in 0..1 and bytes as images have them, anything else from its least to its largest. */
function grey({ least, largest }) {
  const [from, to] = least >= 0 && largest <= 255 ? [0, largest <= 1 ? 1 : 255] : [least, largest];
  return (values) => Uint8ClampedArray.from(values, (value) => ((value - from) / (to - from || 1)) * 255);
}

/** @param {number} value */
function told(value) {
  return String(Number(value.toPrecision(7)));
}
