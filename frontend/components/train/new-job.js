import { get, post } from "/static/api.js";
import { dropZone, reading } from "/static/components/train/drop-zone.js";
import { optionsForm } from "/static/components/train/options-form.js";
import { priceCard } from "/static/components/train/price-card.js";
import { reviewOffer } from "/static/components/train/review-offer.js";
import { stepper } from "/static/components/train/stepper.js";
import { whatNodesSee } from "/static/components/train/what-nodes-see.js";
import { announce } from "/static/components/notice.js";
import { problem } from "/static/components/problem.js";
import { config as asked } from "/static/config.js";
import { html, replace } from "/static/html.js";
import { connectPanel } from "/static/wallet/connect-panel.js";

/**
 * From nothing to an agreed offer: file, options, price, and what is to be paid.
 * @param {AbortSignal} signal of the page
 * @param {(agreed: {offer: object, file: Blob, names: string[], handle: FileSystemFileHandle|null}) => void} agreed
 * @returns {Promise<Element>}
 */
export async function newJob(signal, agreed) {
  const [config, nodes] = await Promise.all([asked(), get("/api/nodes", { signal }).catch(() => null)]);
  const job = { inspected: null, files: [], handles: [] };
  const steps = html`<div></div>`;
  const fileCard = html`<section class="card" aria-labelledby="file-title"></section>`;
  const optionsCard = html`<section class="card" aria-labelledby="options-title" hidden></section>`;
  const payCard = html`<section class="card pay-step" aria-labelledby="pay-title" hidden></section>`;
  const online = trainersIn(nodes);
  const form = optionsForm({ config, trainersOnline: online, changed: () => follow() });
  const price = priceCard({ config, signal, answered: (refusal) => form.refused(refusal) });
  const follow = () => {
    const wanted = job.inspected && form.asked();
    replace(payCard, payStep(job, form, { online, signal, agreed }));
    price.ask(
      wanted
        ? { dataset: job.inspected.facts, spec: wanted.spec, deadline_seconds: wanted.deadline_seconds }
        : null,
    );
  };
  const ready = (inspected) => {
    job.inspected = inspected;
    form.target(job.target ?? null);
    optionsCard.hidden = payCard.hidden = false;
    replace(steps, stepper(1));
    follow();
  };
  const startAgain = () => {
    job.inspected = null;
    optionsCard.hidden = payCard.hidden = true;
    replace(steps, stepper(0));
  };
  fileStep(fileCard, job, { ready, startAgain, signal });
  replace(optionsCard, html`<h2 id="options-title">2. Options</h2>`, form.place);
  replace(steps, stepper(0));
  return html`<div>
    ${steps}
    <div class="train">
      <div class="steps">${fileCard} ${optionsCard} ${payCard}</div>
      <aside>${price.place}</aside>
    </div>
  </div>`;
}

function fileStep(card, job, { ready, startAgain, signal }) {
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
    const progress = reading(`Reading ${job.files.map(({ name }) => name).join(" and ")} in your browser …`, {
      stop,
    });
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
    inspect();
  };
  replace(shown, dropZone({ chosen: choose, signal }));
  replace(card, html`<h2 id="file-title">1. File</h2>`, shown);
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

function payStep(job, form, { online, signal, agreed }) {
  const place = html`<div></div>`;
  const wanted = form.asked();
  const begin = () => {
    const request = form.asked();
    if (!job.inspected || request === null) return;
    const quote = () => post("/api/quotes", { dataset: job.inspected.facts, ...request }, { signal });
    const order = { facts: job.inspected.facts, spec: request.spec, quote };
    const handle = job.handles.length === 1 ? job.handles[0] : null;
    const names = job.files.map(({ name }) => name);
    const agree = (offer) => agreed({ offer, file: job.inspected.file, names, handle });
    replace(place, connectPanel({ chain: "market", signal, then: () => reviewOffer(order, agree) }));
  };
  const button = html`<button type="button" class="primary" id="review" @click=${begin}>
    Review and pay
  </button>`;
  button.disabled = wanted === null;
  replace(place, html`<p class="ways">${button}</p>`);
  const few = wanted && online !== null && online < wanted.spec.trainers;
  const waits = few
    ? html`<p class="warning">
        ${online === 0 ? "No trainer is" : online === 1 ? "One trainer is" : `${online} trainers are`} online
        now: the job waits until ${wanted.spec.trainers} are, or until its deadline brings the fee back.
      </p>`
    : null;
  return [
    html`<h2 id="pay-title">3. Pay</h2>`,
    whatNodesSee(wanted?.spec ?? { trainers: "the" }),
    waits,
    place,
  ];
}

/** Nodes that could train now; null where nobody knows. */
function trainersIn(answer) {
  if (answer === null) return null;
  return answer.nodes.filter((node) => node.online && node.role === "trainer").length;
}
