import { post } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { confirmDialog } from "/static/components/dialog.js";
import { problem } from "/static/components/problem.js";
import { dropZone, reading } from "/static/components/train/drop-zone.js";
import { uploadProgress } from "/static/components/train/upload-progress.js";
import { html, replace, styles } from "/static/html.js";
import { forgetFile, keepFile, keptFile, mayOpen, openFile } from "/static/purchase/kept-files.js";
import { uploadOf } from "/static/purchase/uploads.js";
import { coins } from "/static/units.js";
import { connectPanel } from "/static/wallet/connect-panel.js";

/**
 * The upload of a paid ticket's file, from wherever it stands: it goes on by itself where the browser still has the file, else the
 * file is chosen again and held against what was paid for. Or the job is cancelled, and the fee comes back.
 * @param {object} ticket FUNDED, as the API shows it
 * @param {{signal: AbortSignal, changed: (ticket: object) => void}} page `changed` once the ticket is another: uploaded, or cancelled
 * @returns {Element}
 */
export function resumeUpload(ticket, { signal, changed }) {
  styles("train");
  const upload = uploadOf(ticket.id);
  const body = html`<div></div>`;
  const place = html`<section class="resume-upload" aria-label="Upload of the dataset">
    ${body} ${cancelling(ticket, upload, { signal, changed })}
  </section>`;
  const follow = () => {
    if (upload.state.step === "done") changed({ ...ticket, status: "UPLOADED" });
  };
  upload.addEventListener("change", follow, { signal });
  const send = (file) => {
    replace(
      body,
      uploadProgress(upload, signal, (state) => waysAfter(state, { upload, signal, again })),
    );
    upload.start(file);
  };
  const again = (text) => replace(body, chooseAgain(ticket, { text, send, signal }));
  const begin = async () => {
    if (upload.state.step !== "idle") {
      replace(
        body,
        uploadProgress(upload, signal, (state) => waysAfter(state, { upload, signal, again })),
      );
      return follow();
    }
    replace(body, busy("Looking for the file …"));
    const { file, handle } = await keptFile(ticket.id);
    if (file) return send(file);
    if (handle === null) return again();
    const ask = !(await mayOpen(handle));
    return replace(body, reopen(ticket, handle, { ask, send, again, signal }));
  };
  begin();
  return place;
}

function cancelling(ticket, upload, { signal, changed }) {
  const trouble = html`<div></div>`;
  const cancel = async () => {
    const sure = await confirmDialog({
      title: "Cancel this job?",
      text: `Nothing was trained yet: the whole fee of ${coins(ticket.fee_wei)} goes back to your account.`,
      confirm: "Cancel the job",
      cancel: "Keep it",
      danger: true,
    });
    if (!sure) return;
    upload.pause();
    try {
      const said = await post(`/api/tickets/${ticket.id}/cancel`, {}, { signal });
      await forgetFile(ticket.id);
      changed(said.ticket);
    } catch (refusal) {
      if (refusal.name !== "AbortError") replace(trouble, problem(refusal));
    }
  };
  return html`<div class="cancelling">
    <button type="button" class="danger" id="cancel-job" @click=${cancel}>Cancel and get the fee back</button>
    ${trouble}
  </div>`;
}

/** What helps after a failure that is no matter of trying again; null for the others. */
function waysAfter({ problem: trouble }, { upload, signal, again }) {
  if (trouble.status === 401) {
    const resume = () => {
      upload.resume();
      return null;
    };
    return connectPanel({ needsWallet: false, signal, then: resume });
  }
  if (trouble.code === "upload.hash" || trouble.code === "upload.file") {
    const choose = () => again("Choose the file again");
    const forward = html`<button type="button" class="primary" @click=${choose}>
      Choose the file again
    </button>`;
    return problem(trouble, { forward });
  }
  if (!trouble.code?.includes("."))
    return problem({ code: "upload.failed", message: String(trouble.message) });
  return null;
}

function reopen(ticket, handle, { ask, send, again, signal }) {
  const place = html`<div></div>`;
  const open = async () => {
    const file = await openFile(handle).catch(() => null);
    if (file) replace(place, checked(ticket, [file], { send, again, signal, handle }));
    else again("The file could not be opened: choose it again");
  };
  if (!ask) open();
  else
    replace(
      place,
      html`<p class="ways">
        <button type="button" class="primary" @click=${open}>Go on with ${handle.name}</button>
        <button type="button" @click=${() => again()}>Choose the file myself</button>
      </p>`,
    );
  return place;
}

function chooseAgain(ticket, { text, send, signal }) {
  const place = html`<div></div>`;
  const again = () => replace(place, zone());
  const chosen = (files, [handle = null]) =>
    replace(
      place,
      checked(ticket, files, { send, again, signal, handle: files.length === 1 ? handle : null }),
    );
  const zone = () => dropZone({ text: text ?? `Drop ${ticket.dataset.name} here again`, chosen, signal });
  again();
  return place;
}

/** Read the files and go on with them if they are what was paid for. */
function checked(ticket, files, { send, again, signal, handle }) {
  const place = html`<div></div>`;
  const progress = reading("Checking that it is the file that was paid for …");
  replace(place, progress.place);
  const refuse = (refusal) => replace(place, problem(refusal, { forward: otherFile(again) }));
  const read = async () => {
    const { inspectFile } = await import("/static/datasets/inspect.js");
    const options = { target: ticket.spec.target, signal, progress: (done, of) => progress.tell(done, of) };
    const { facts, file } = await inspectFile(files, options);
    if (facts.sha256 !== ticket.dataset.sha256) {
      const message = `This is not the file that was paid for (${ticket.dataset.name}): its SHA-256 differs.`;
      return refuse({ code: "upload.other_file", message });
    }
    await keepFile(ticket.id, file, handle);
    return send(file);
  };
  read().catch((refusal) => signal.aborted || refuse(refusal));
  return place;
}

function otherFile(again) {
  return html`<button type="button" class="primary" @click=${() => again()}>Choose another file</button>`;
}
