import { announce } from "/static/components/notice.js";
import { problem } from "/static/components/problem.js";
import { dropZone, reading } from "/static/components/train/drop-zone.js";
import { html, replace } from "/static/html.js";
import { draft, keepDraft } from "/static/purchase/kept-files.js";

/**
 * Choosing a file and reading it at once, in the browser. Small files are taken up again when the page is loaded again.
 * @param {Element} card to draw in
 * @param {{inspected: object|null, files: File[], handles: FileSystemFileHandle[], target?: string|null}} job is told what was chosen
 * @param {{ready: (inspected: object) => void, startAgain: () => void, signal: AbortSignal}} page `startAgain`: there is no dataset now
 */
export function fileStep(card, job, { ready, startAgain, signal }) {
  const shown = html`<div></div>`;
  let inspecting = new AbortController();
  const retarget = (target) => {
    job.target = target;
    inspect();
  };
  const inspect = async () => {
    inspecting.abort();
    inspecting = new AbortController();
    const mine = AbortSignal.any([signal, inspecting.signal]);
    const stop = () => {
      inspecting.abort();
      replace(shown, dropZone({ chosen: choose, signal }));
    };
    const names = job.files.map(({ name }) => name).join(" and ");
    const progress = reading(`Reading ${names} in your browser …`, { stop });
    replace(shown, progress.place);
    startAgain();
    try {
      const [{ inspectFile }, { datasetPreview }] = await Promise.all([
        import("/static/datasets/inspect.js"),
        import("/static/components/dataset-preview.js"),
      ]);
      const options = { target: job.target, signal: mine, progress: (done, of) => progress.tell(done, of) };
      const inspected = await inspectFile(job.files, options);
      const { facts } = inspected;
      replace(shown, datasetPreview(inspected, { retarget }), another(choose, signal));
      announce(`${facts.name}: ${facts.rows} rows, ${facts.classes.length} classes.`);
      ready(inspected);
    } catch (refusal) {
      if (mine.aborted) return;
      if (!refusal.code) throw refusal;
      const note = html`<p class="note">Nothing has left your computer.</p>`;
      replace(shown, problem(refusal), note, await waysOn(refusal, job, retarget), another(choose, signal));
    }
  };
  const choose = (files, handles) => {
    Object.assign(job, { files, handles, target: null });
    keepDraft(files);
    inspect();
  };
  replace(shown, dropZone({ chosen: choose, signal }));
  replace(card, html`<h2 id="file-title">1. File</h2>`, shown);
  draft().then((files) => {
    if (files.length === 0 || job.files.length > 0 || signal.aborted) return;
    Object.assign(job, { files, handles: [], target: null });
    inspect();
  });
}

/** Another target, where the file is fine but for the one at fault. */
async function waysOn({ targets = [] }, { target }, retarget) {
  const { targetChoice } = await import("/static/components/dataset-preview.js");
  return targetChoice(targets, target ?? null, retarget);
}

function another(choose, signal) {
  const place = html`<div></div>`;
  const show = () => replace(place, dropZone({ text: "Drop another file here", chosen: choose, signal }));
  replace(place, html`<p class="ways"><button type="button" @click=${show}>Choose another file</button></p>`);
  return place;
}
