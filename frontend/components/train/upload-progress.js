import { html, replace } from "/static/html.js";
import { problem } from "/static/components/problem.js";
import { bytes, duration, percent } from "/static/units.js";

/**
 * How far an upload is, live, with what can be done about it.
 * @param {import("/static/purchase/uploads.js").Upload} upload @param {AbortSignal} signal
 * @param {(state: object) => any} after what to show once it neither runs nor waits: for failures, for another tab
 * @returns {Element}
 */
export function uploadProgress(upload, signal, after) {
  const bar = html`<progress max="1" value="0" aria-label="Uploaded"></progress>`;
  const words = html`<p class="figure"></p>`;
  const status = html`<p class="note" role="status"></p>`;
  const ways = html`<div class="ways"></div>`;
  const place = html`<div class="upload">${bar}${words}${status}${ways}</div>`;
  let shown = "";
  const draw = () => {
    const { state } = upload;
    bar.value = state.size ? state.sent / state.size : 0;
    replace(words, wordsOf(state));
    replace(status, statusOf(state), countdown(state));
    const step = `${state.step} ${state.problem?.code ?? ""}`;
    if (step === shown) return;
    shown = step;
    place.dataset.step = state.step;
    replace(ways, waysOf(upload, after));
  };
  upload.addEventListener("change", draw, { signal });
  const ticking = setInterval(() => upload.state.step === "waiting" && draw(), 1000);
  signal.addEventListener("abort", () => clearInterval(ticking));
  draw();
  return place;
}

function wordsOf({ sent, size, rate, step }) {
  const parts = [`${bytes(sent)} of ${bytes(size)}`, percent(size ? sent / size : 0, 0)];
  if (step === "sending" && rate) parts.push(`${bytes(rate)}/s`, `${duration((size - sent) / rate)} left`);
  return parts.join(" · ");
}

/** For the eye only: a screen reader is not told every second. */
function countdown({ step, retryAt }) {
  if (step !== "waiting") return null;
  return html`<span aria-hidden="true">
    In ${Math.max(0, Math.ceil((retryAt - Date.now()) / 1000))} s.</span
  >`;
}

function statusOf({ step, problem: trouble }) {
  if (step === "waiting") {
    const offline = navigator.onLine ? "" : " You are offline; it goes on by itself when you are back.";
    return `${trouble.message} Nothing is lost; trying again.${offline}`;
  }
  return {
    idle: "",
    sending: "The file goes straight to storage; you may look at other pages meanwhile.",
    paused: "Paused. Nothing is lost.",
    elsewhere: "Another tab of this browser is sending this file.",
    checking: "All is sent; its size and SHA-256 are being checked.",
    done: "Uploaded and checked.",
    failed: "",
  }[step];
}

function waysOf(upload, after) {
  const { step, problem: trouble } = upload.state;
  const button = (text, act, kind = null) =>
    html`<button type="button" class=${kind} @click=${act}>${text}</button>`;
  if (step === "sending") return button("Pause", () => upload.pause());
  if (step === "waiting")
    return [button("Try now", () => upload.tryNow()), button("Pause", () => upload.pause())];
  if (step === "paused") return button("Go on", () => upload.resume(), "primary");
  if (step === "elsewhere") return button("Send it here", () => upload.resume());
  if (step === "failed") return after(upload.state) ?? problem(trouble, { again: () => upload.resume() });
  return null;
}
