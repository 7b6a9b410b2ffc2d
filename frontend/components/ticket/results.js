import { html, table } from "/static/html.js";
import { bytes, count, percent } from "/static/units.js";
import { confusionMatrix } from "./confusion.js";
import { section } from "./section.js";

const PPM = 1_000_000;
const FORMS = { float32: "As trained (float32)", int8: "8-bit (int8)", pruned: "Pruned by 30 %" };

/** How good the model is on the part of the data that nobody trained on, in all its forms. */
export function results() {
  return section({
    id: "results",
    title: "The model",
    pick: ({ metrics, dataset }) => (metrics ? { metrics, classes: dataset.classes } : null),
    draw: ({ metrics, classes }) => [
      html`<dl class="figures">
        <div>
          <dt>Test accuracy</dt>
          <dd>${percent(metrics.accuracy)}</dd>
          <dd class="note">of ${count(metrics.examples)} rows that no node has seen</dd>
        </div>
        <div>
          <dt>Macro-F1</dt>
          <dd>${metrics.macro_f1.toFixed(4)}</dd>
          <dd class="note">all classes count alike</dd>
        </div>
        <div>
          <dt>Loss</dt>
          <dd>${metrics.loss.toFixed(4)}</dd>
          <dd class="note">mean cross-entropy</dd>
        </div>
      </dl>`,
      metrics.confusion ? confusionMatrix(metrics.confusion, classes) : null,
      metrics.variants ? forms(metrics.variants) : null,
    ],
  });
}

function forms(variants) {
  const metered = Object.values(variants).find(({ inference }) => inference)?.inference;
  return html`<div>
    ${table({
      caption: "Forms of the model",
      head: [
        "Form",
        "File",
        { text: "Accuracy", numeric: true },
        { text: "Macro-F1", numeric: true },
        { text: "Size, packed", numeric: true },
        { text: "Zero weights", numeric: true },
        { text: "Energy of 1 000 predictions", numeric: true },
        { text: "Of float32's", numeric: true },
      ],
      rows: Object.entries(variants).map(([name, form]) => [
        FORMS[name] ?? name,
        form.file,
        percent(form.accuracy),
        form.macro_f1.toFixed(4),
        bytes(form.packed_bytes),
        form.zeros === null ? "–" : percent(form.zeros, 1),
        form.inference ? `${(form.inference.microjoules_per_1000 / 1000).toPrecision(3)} mJ` : "not metered",
        ratio(name, form.inference),
      ]),
    })}
    ${
      metered
        ? html`<p class="note">
            Metered on the operator's evaluator in ${metered.runtime}, ${metered.batch} rows at a time;
            ${metered.kind} ± ${percent(metered.band_ppm / PPM, 0)} (${metered.method}). Parts are with their
            95 % interval.
          </p>`
        : null
    }
  </div>`;
}

function ratio(name, inference) {
  if (!inference || name === "float32") return "–";
  return `${percent(inference.ratio_ppm / PPM, 0)} ± ${percent(inference.ratio_band_ppm / PPM, 0)}`;
}
