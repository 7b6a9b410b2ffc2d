/** Reads a customer's file beside the page. In: `{files, target}`. Out: `{progress}` now and then, at last `{read}` or `{refusal}`. */

import { DatasetInvalid } from "/static/datasets/refusal.js";
import { factsOf, inspect } from "/static/datasets/inspection.js";

const PROGRESS_EVERY_MS = 50;

self.addEventListener("message", async ({ data: { files, target } }) => {
  try {
    const read = await inspect(files, { target, progress: seldom(), decode });
    const { classes, counts, columns, hasHeader, shown, target: chosen, targets, warnings } = read.table;
    const preview = {
      ...shown,
      inputs: columns.length,
      classes: classes.map((name, i) => ({ name, count: counts[i] })),
      hasHeader: Boolean(hasHeader),
      target: chosen,
    };
    self.postMessage({ read: { facts: factsOf(read), file: read.file, preview, targets, warnings } });
  } catch (error) {
    self.postMessage({ refusal: told(error) });
  }
});

/** @param {any} error */
function told(error) {
  if (error instanceof DatasetInvalid)
    return { code: error.code, message: error.message, targets: error.targets };
  if (error instanceof DOMException && error.name.startsWith("Not")) {
    return {
      code: "file.unread",
      message: "The file cannot be read any more: it was moved, changed or locked.",
    };
  }
  return { message: String(error?.stack ?? error) };
}

/** Progress that does not flood the page. */
function seldom() {
  let last = 0;
  return (done, total) => {
    const now = Date.now();
    if (now - last < PROGRESS_EVERY_MS) return;
    last = now;
    self.postMessage({ progress: { done, total } });
  };
}

/** A picture's pixels, by the browser's own decoder. @param {Blob} file */
async function decode(file) {
  const picture = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const { width, height } = picture;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.drawImage(picture, 0, 0);
  picture.close();
  return context.getImageData(0, 0, width, height).data;
}
