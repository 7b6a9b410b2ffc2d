import { html, replace } from "/static/html.js";

const ACCEPTED = ".csv,.tsv,.txt,.npz,.zip,.gz,.idx,.idx1-ubyte,.idx3-ubyte";

/**
 * Where files are dropped, or chosen with mouse or keyboard. A browser that can keep where a file is tells that, too.
 * @param {{text?: string, chosen: (files: File[], handles: FileSystemFileHandle[]) => void, signal: AbortSignal}} asked
 * @returns {Element}
 */
export function dropZone({ text = "Drop your data here", chosen, signal }) {
  const input = html`<input
    type="file"
    id="file"
    class="unseen"
    multiple
    tabindex="-1"
    aria-label="Data file"
    accept=${ACCEPTED}
  />`;
  const choose = html`<button type="button" class="primary" id="choose-file">Choose a file</button>`;
  const zone = html`<div class="drop-zone">
    <p><strong>${text}</strong></p>
    <p>${choose} ${input}</p>
    <p class="note">
      CSV, NPZ, a ZIP of one folder of pictures per class, or IDX (choose pictures and labels together).
    </p>
  </div>`;
  input.addEventListener("change", () => {
    const files = [...input.files];
    input.value = "";
    if (files.length) chosen(files, []);
  });
  choose.addEventListener("click", () => pick(input, chosen));
  listen(zone, chosen, signal);
  return zone;
}

/** The browser's own dialogue, with handles where it has them. */
async function pick(input, chosen) {
  if (!window.showOpenFilePicker) {
    input.click();
    return;
  }
  try {
    const handles = await window.showOpenFilePicker({ multiple: true });
    const files = await Promise.all(handles.map((handle) => handle.getFile()));
    if (files.length) chosen(files, handles);
  } catch (error) {
    if (error.name !== "AbortError") input.click();
  }
}

function listen(zone, chosen, signal) {
  const over = (isOver) => (event) => {
    event.preventDefault();
    zone.classList.toggle("over", isOver);
  };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", async (event) => {
    over(false)(event);
    const items = [...event.dataTransfer.items].filter(({ kind }) => kind === "file");
    const files = items.map((item) => item.getAsFile()).filter(Boolean);
    const asked = items.map((item) => item.getAsFileSystemHandle?.() ?? null);
    const handles = await Promise.all(asked).catch(() => []);
    if (files.length)
      chosen(
        files,
        handles.filter((handle) => handle?.kind === "file"),
      );
  });
  // A file that misses the zone must not replace the page.
  for (const type of ["dragover", "drop"]) {
    window.addEventListener(type, (event) => event.preventDefault(), { signal });
  }
}

/** What is under way with a file, with how far it is. @param {string} label @param {{stop?: (() => void)|null}} [ways] */
export function reading(label, { stop = null } = {}) {
  const bar = html`<progress max="1" aria-label=${label}></progress>`;
  const words = html`<span></span>`;
  const place = html`<div class="reading" role="status">
    <p>${label} ${words}</p>
    ${bar} ${stop ? html`<p class="ways"><button type="button" @click=${stop}>Stop</button></p>` : null}
  </div>`;
  return {
    place,
    /** @param {number} done @param {number} of in bytes @param {string} [what] */
    tell(done, of, what = "") {
      if (of > 0) bar.value = done / of;
      replace(words, what);
    },
  };
}
