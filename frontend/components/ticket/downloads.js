import { get } from "/static/api.js";
import { problem } from "/static/components/problem.js";
import { html, replace, short, table } from "/static/html.js";
import { bytes } from "/static/units.js";
import { section } from "./section.js";

const ABOUT = {
  "model.keras": "the model, Keras 3",
  "model.json": "its architecture, JSON",
  "model.weights.h5": "its weights, HDF5",
  "model.safetensors": "its weights, safetensors: the result hash on chain",
  "model.tflite": "8-bit model for small devices",
  "model.pruned.keras": "model with 30 % of its weights zero",
  "metrics.json": "test metrics",
  "preprocessing.json": "how raw rows are encoded",
  "preprocess.py": "the code that encodes them",
  "energy.json": "the energy statement; check it with ecodml energy",
  "model_card.json": "the model card, JSON",
  "model_card.md": "the model card, text",
  "verdict.json": "the signed reports behind the verdict",
  "rounds.json": "the signed commitments behind the rounds",
};

/** The result's files with their sizes and hashes. */
export function downloads() {
  return section({
    id: "files",
    title: "Files",
    pick: ({ id, files }) => (Object.keys(files).length ? { id, files } : null),
    draw: ({ id, files }, { link }) => {
      const said = html`<div></div>`;
      const rows = Object.entries(files).map(([name, file]) => [
        link ? linked(id, name, link) : fetched(id, name, said),
        ABOUT[name] ??
          (name.startsWith("evidence-") ? "evidence against a culprit; replay it with ecodml verify" : ""),
        bytes(file.size),
        short(file.sha256),
      ]);
      return [
        table({
          caption: "Files of the result",
          head: ["File", "What it is", { text: "Size", numeric: true }, "SHA-256"],
          rows,
        }),
        said,
      ];
    },
  });
}

function linked(id, name, link) {
  const address = `/t/${encodeURIComponent(id)}/${encodeURIComponent(name)}?token=${encodeURIComponent(link)}`;
  return html`<a href=${address} download=${name}>${name}</a>`;
}

/** Signed addresses last an hour, so one is asked for when it is wanted. */
function fetched(id, name, said) {
  const download = async () => {
    replace(said);
    try {
      const { files } = await get(`/api/tickets/${encodeURIComponent(id)}/files`);
      const link = html`<a href=${files[name].url} download=${name}></a>`;
      document.body.append(link);
      link.click();
      link.remove();
    } catch (refusal) {
      replace(said, problem(refusal, { again: download }));
    }
  };
  return html`<button type="button" class="link" id="file-${name}" @click=${download}>${name}</button>`;
}
