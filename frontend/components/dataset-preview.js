import { bytes, count, percent } from "/static/units.js";
import { html, short, styles, table } from "/static/html.js";

const COLUMNS_SHOWN = 30;
const CLASSES_SHOWN = 40;
const LARGEST_THUMBNAIL = 96;
const FORMATS = { csv: "CSV table", npz: "NumPy arrays", idx: "IDX images", zip: "Folders of images" };
const KINDS = { number: "number", category: "text", pixel: "pixel" };

/**
 * What is in the customer's file.
 * @param {import("/static/datasets/inspect.js").Inspected} inspected
 * @param {{retarget?: ((target: string) => void) | null}} [ways] `retarget` reads the file again with another target
 * @returns {Element}
 */
export function datasetPreview({ facts, preview, targets, warnings }, { retarget = null } = {}) {
  styles("dataset");
  const { pictures, head, rows } = preview;
  return html`<div class="dataset">
    <dl class="facts">
      <dt>File</dt>
      <dd>${facts.name}, ${bytes(facts.size)}</dd>
      <dt>Holds</dt>
      <dd>${FORMATS[facts.format]}${preview.hasHeader ? " with a header" : ""}</dd>
      <dt>Rows</dt>
      <dd>${count(facts.rows)}</dd>
      <dt>Inputs</dt>
      <dd>${inputs(facts, preview)}</dd>
      <dt>Classes</dt>
      <dd>${count(facts.classes.length)}, by ${facts.target}</dd>
      <dt>SHA-256</dt>
      <dd>${short(facts.sha256)}</dd>
    </dl>
    ${retarget ? targetChoice(targets, facts.target, retarget) : null}
    ${
      warnings.length
        ? html`<ul class="warnings">
            ${warnings.map((told) => html`<li>${told}</li>`)}
          </ul>`
        : null
    }
    ${
      facts.format === "zip"
        ? html`<p class="note">
            Sizes, colours and checksums were read here; every picture is decoded by the server after the
            upload.
          </p>`
        : null
    }
    ${pictures ? gallery(pictures) : null} ${head && rows ? firstRows(head, rows) : null} ${classes(preview)}
  </div>`;
}

/**
 * Choosing another target; nothing where there is no choice.
 * @param {{name: string, distinct?: number | null}[]} targets  @param {string | null} chosen  @param {(target: string) => void} retarget
 */
export function targetChoice(targets, chosen, retarget) {
  if (targets.length < 2) return null;
  const told = ({ name, distinct }) => (distinct ? `${name} (${count(distinct)} values)` : name);
  const options = targets.map(
    (target) =>
      html`<option value=${target.name} ?selected=${target.name === chosen}>${told(target)}</option>`,
  );
  const none = html`<option value="" selected disabled>choose one</option>`;
  return html`<label class="target">
    What is to be predicted
    <select id="target" @change=${(event) => retarget(event.currentTarget.value)}>
      ${targets.some(({ name }) => name === chosen) ? null : none} ${options}
    </select>
  </label>`;
}

function inputs({ input_shape: shape, columns, format }, { inputs: used }) {
  if (shape.length > 1)
    return `${shape.slice(0, 2).reverse().join(" × ")} pixels${shape[2] === 3 ? " in colour" : ""}`;
  const width = count(shape[0]);
  return format === "csv" && shape[0] !== columns
    ? `${count(used)} columns, ${width} numbers once encoded`
    : `${width} columns`;
}

function firstRows(head, rows) {
  const target = head.findIndex(({ role }) => role === "target");
  const shown = [...head.keys()].filter((i) => i < COLUMNS_SHOWN || i === target);
  const more = head.length - shown.length;
  return html`<div>
    ${table({
      caption: more > 0 ? `First rows (${count(more)} more columns)` : "First rows",
      head: shown.map((i) => ({ text: columnHead(head[i]), numeric: head[i].kind !== "category" })),
      rows: rows.map((cells) => shown.map((i) => cells[i] || html`<span class="note">missing</span>`)),
    })}
  </div>`;
}

function columnHead({ name, kind, role, missing, distinct }) {
  const told = role === "left out" ? "left out" : role === "target" ? "target" : KINDS[kind];
  const about = [
    distinct === null ? null : `${count(distinct)} different`,
    missing ? `${count(missing)} missing` : null,
  ].filter(Boolean);
  return html`<span class="column"
    >${name}<small title=${about.join(", ")}
      >${told}${missing ? `, ${count(missing)} missing` : ""}</small
    ></span
  >`;
}

function gallery(pictures) {
  return html`<div class="pictures">
    ${pictures.map(
      (picture) =>
        html`<figure>
          ${canvas(picture)}
          <figcaption>${picture.label}</figcaption>
        </figure>`,
    )}
  </div>`;
}

function canvas(picture) {
  const drawn = html`<canvas role="img" aria-label="An example of ${picture.label}"></canvas>`;
  if (picture.file) drawFile(drawn, picture.file);
  else drawValues(drawn, picture);
  return drawn;
}

async function drawFile(place, file) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return;
  const scale = Math.min(1, LARGEST_THUMBNAIL / Math.max(picture.width, picture.height));
  place.width = Math.max(1, Math.round(picture.width * scale));
  place.height = Math.max(1, Math.round(picture.height * scale));
  place.getContext("2d").drawImage(picture, 0, 0, place.width, place.height);
  picture.close();
}

function drawValues(place, { width, height, channels, values }) {
  const data = new ImageData(width, height);
  const colours = channels === 3 || channels === 4 ? [0, 1, 2] : [0, 0, 0];
  for (let pixel = 0; pixel < width * height; pixel++) {
    colours.forEach((channel, i) => (data.data[4 * pixel + i] = values[pixel * channels + channel]));
    data.data[4 * pixel + 3] = 255;
  }
  place.width = width;
  place.height = height;
  place.getContext("2d").putImageData(data, 0, 0);
}

function classes({ classes: found }) {
  const rows = found.reduce((sum, { count: n }) => sum + n, 0);
  const most = Math.max(...found.map(({ count: n }) => n));
  const bar = (n) => {
    const drawn = html`<span class="bar" aria-hidden="true"></span>`;
    drawn.style.inlineSize = `${(100 * n) / most}%`;
    return drawn;
  };
  const more = found.length - CLASSES_SHOWN;
  return html`<div class="classes">
    ${table({
      caption: "Classes",
      head: [
        "Class",
        { text: "Rows", numeric: true },
        { text: "Share", numeric: true },
        { text: html`<span class="unseen">Bar</span>` },
      ],
      rows: found
        .slice(0, CLASSES_SHOWN)
        .map(({ name, count: n }) => [name, count(n), percent(n / rows, 1), bar(n)]),
    })}
    ${more > 0 ? html`<p class="note">and ${count(more)} more</p>` : null}
  </div>`;
}
