/**
 * What a customer's file holds, told at once and without a byte leaving the computer.
 *
 * @typedef {object} Preview
 * @property {{name: string, count: number}[]} classes with their rows
 * @property {string} target
 * @property {boolean} hasHeader
 * @property {number} inputs columns that are learned from
 * @property {{name: string, kind: string, missing: number, distinct: number | null, role: "input" | "target" | "left out"}[]} [head] of a table
 * @property {string[][]} [rows] the first of the table
 * @property {({label: string, file: Blob} | {label: string, width: number, height: number, channels: number, values: Uint8ClampedArray})[]} [pictures]
 *
 * @typedef {object} Inspected
 * @property {{name: string, size: number, sha256: string, format: string, rows: number, columns: number, classes: string[], input_shape: number[], target: string}} facts what `POST /api/quotes` takes
 * @property {File} file what is to be uploaded
 * @property {Preview} preview
 * @property {{name: string, distinct?: number | null}[]} targets that could be chosen
 * @property {string[]} warnings
 */

import { Refusal } from "/static/api.js";

/**
 * @param {File[]} files one dataset, or the images and the labels of an IDX dataset
 * @param {object} [options]
 * @param {string | null} [options.target]
 * @param {AbortSignal} [options.signal] stops reading at once
 * @param {(done: number, total: number) => void} [options.progress] bytes
 * @returns {Promise<Inspected>} or Refusal; its `targets`, where there are any, may be chosen instead of the one at fault
 */
export function inspectFile(files, { target = null, signal, progress = () => {} } = {}) {
  return new Promise((done, refused) => {
    signal?.throwIfAborted();
    const worker = new Worker("/static/datasets/worker.js", { type: "module" });
    const stop = () => {
      worker.terminate();
      refused(signal?.reason);
    };
    const end = () => {
      signal?.removeEventListener("abort", stop);
      worker.terminate();
    };
    signal?.addEventListener("abort", stop, { once: true });
    worker.addEventListener("message", ({ data }) => {
      if (data.progress) {
        progress(data.progress.done, data.progress.total);
        return;
      }
      end();
      // The very file that was chosen: a copy of it could not be chosen again.
      if (data.read) done({ ...data.read, file: files.length === 1 ? files[0] : data.read.file });
      else refused(asRefusal(data.refusal));
    });
    worker.addEventListener("error", (event) => {
      end();
      refused(new Error(`The reader of files stopped: ${event.message ?? "it could not be loaded"}.`));
    });
    worker.postMessage({ files, target });
  });
}

/** @param {{code?: string, message: string, targets?: object[]}} told */
function asRefusal({ code, message, targets }) {
  if (!code) return new Error(message);
  return Object.assign(new Refusal(code, message), targets ? { targets } : {});
}
