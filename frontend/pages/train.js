import { problem } from "/static/components/problem.js";
import { newJob } from "/static/components/train/new-job.js";
import { purchaseSteps } from "/static/components/train/purchase-steps.js";
import { unfinished } from "/static/components/train/unfinished.js";
import { config } from "/static/config.js";
import { html, replace, styles } from "/static/html.js";
import { keepFile } from "/static/purchase/kept-files.js";
import { purchaseOf, purchases } from "/static/purchases.js";

export const title = "Train a model";

/** From a file to a running ticket; `?ticket=ID` goes on with a purchase. @type {import("/static/router.js").Page["show"]} */
export async function show(place, { query, signal }) {
  await styles("train");
  const id = query.get("ticket");
  const purchase = id && purchases.of(id);
  if (purchase) return replace(place, heading(), purchaseSteps(purchase, { payNow: false, signal }));
  const lost = id ? unknown(id) : null;
  const body = html`<div></div>`;
  const agreed = async ({ offer, file, names, handle }) => {
    const { market } = await config();
    const bought = purchaseOf(offer, market.rpc_url, names);
    try {
      purchases.keep(bought);
    } catch {
      const message =
        "This browser keeps nothing, so the receipt would be lost on the way; nothing was paid. Allow storage for this site.";
      replace(body, problem({ code: "receipt.unkept", message }));
      return;
    }
    await keepFile(offer.ticket.id, file, handle);
    history.replaceState(null, "", `/train?ticket=${offer.ticket.id}`);
    replace(place, heading(), purchaseSteps(bought, { payNow: true, signal }));
    window.scrollTo(0, 0);
  };
  const [begun, job] = await Promise.all([unfinished(signal), newJob(signal, agreed)]);
  replace(body, job);
  return replace(place, heading(), lost, begun, body);
}

function heading() {
  return html`<h1>${title}</h1>`;
}

function unknown(id) {
  const message = `This browser has no purchase of ticket ${id}.`;
  const forward = html`<a class="button" href="/tickets/${id}">Look at the ticket</a>`;
  return problem({ code: "purchase.unknown", message }, { forward });
}
