import { get, post } from "/static/api.js";
import { fileStep } from "/static/components/train/file-step.js";
import { optionsForm } from "/static/components/train/options-form.js";
import { priceCard } from "/static/components/train/price-card.js";
import { reviewOffer } from "/static/components/train/review-offer.js";
import { stepper } from "/static/components/train/stepper.js";
import { whatNodesSee } from "/static/components/train/what-nodes-see.js";
import { config as asked } from "/static/config.js";
import { html, replace } from "/static/html.js";
import { forgetDraft } from "/static/purchase/kept-files.js";
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
  let reviewing = new AbortController();
  const follow = () => {
    const wanted = job.inspected && form.asked();
    // An offer is for the options it was asked with.
    reviewing.abort();
    reviewing = new AbortController();
    const mine = AbortSignal.any([signal, reviewing.signal]);
    const reviewed = () => replace(steps, stepper(2));
    if (job.inspected) replace(steps, stepper(1));
    replace(payCard, payStep(job, form, { online, signal: mine, agreed: agree, reviewed }));
    price.ask(
      wanted
        ? { dataset: job.inspected.facts, spec: wanted.spec, deadline_seconds: wanted.deadline_seconds }
        : null,
    );
  };
  const agree = (offered) => {
    forgetDraft();
    return agreed(offered);
  };
  const ready = (inspected) => {
    job.inspected = inspected;
    form.target(job.target ?? null);
    optionsCard.hidden = payCard.hidden = false;
    follow();
  };
  const startAgain = () => {
    job.inspected = null;
    optionsCard.hidden = payCard.hidden = true;
    replace(steps, stepper(0));
    price.clear();
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

function payStep(job, form, { online, signal, agreed, reviewed }) {
  const place = html`<div></div>`;
  const wanted = form.asked();
  const begin = () => {
    const request = form.asked();
    if (!job.inspected || request === null) return;
    reviewed();
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
