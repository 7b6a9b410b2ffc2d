import { post } from "/static/api.js";
import { html, replace } from "/static/html.js";
import { problem } from "/static/components/problem.js";
import { coins, duration, percent } from "/static/units.js";

const AFTER_MS = 300;
const AGAIN_MS = 4000;

/**
 * The price as it stands, with its parts and how each comes about; it follows the options, and needs no account.
 * @param {{config: object, signal: AbortSignal, answered: (refusal: object|null) => boolean}} asked `answered` hears each answer, and says
 *   whether it shows a refusal itself
 * @returns {{place: Element, ask: (what: object|null) => void, clear: () => void, quote: () => object|null}} `ask` with the body of
 *   POST /api/prices, null where nothing can be asked for now; `clear` where there is no file
 */
export function priceCard({ config, signal, answered }) {
  const shown = html`<div class="price" aria-live="polite"></div>`;
  const place = html`<section class="card" aria-labelledby="price-title">
    <h2 id="price-title">Price</h2>
    ${shown}
  </section>`;
  let asking = new AbortController();
  let timer = null;
  let quote = null;
  const request = async (what, mine) => {
    try {
      const said = await post("/api/prices", what, { signal: mine });
      quote = said.quote;
      answered(null);
      replace(shown, picture(said, config));
      place.classList.remove("stale");
    } catch (refusal) {
      if (mine.aborted) return;
      if (!refusal.code) throw refusal;
      quote = null;
      replace(shown, answered(refusal) ? elsewhere() : problem(refusal));
      place.classList.remove("stale");
      if (refusal.status === 0) timer = setTimeout(() => request(what, mine), AGAIN_MS);
    }
  };
  const ask = (what) => {
    clearTimeout(timer);
    asking.abort();
    quote = null;
    // Pale is a price that is being asked for anew.
    place.classList.toggle("stale", what !== null);
    if (what === null) return replace(shown, elsewhere());
    asking = new AbortController();
    timer = setTimeout(request, AFTER_MS, what, asking.signal);
    return undefined;
  };
  const clear = () => {
    clearTimeout(timer);
    asking.abort();
    quote = null;
    place.classList.remove("stale");
    replace(shown, nothingYet());
  };
  clear();
  signal.addEventListener("abort", () => (clearTimeout(timer), asking.abort()));
  return { place, ask, clear, quote: () => quote };
}

function nothingYet() {
  return html`<p class="note">Choose a file, and the price stands here before you need an account.</p>`;
}

function elsewhere() {
  return html`<p class="note">One of the options cannot be as it is: see there.</p>`;
}

function picture({ quote, deadline_seconds: seconds }, config) {
  return [
    html`<p class="fee">${coins(quote.fee_wei)}</p>`,
    priceParts(quote),
    html`<p class="note">
      All in: ${percent(config.commission_bps / 10_000, 0)} of it is the market's commission, the rest goes to
      the nodes. The fee waits in escrow until the work is checked; it comes back in full if that fails, or if
      nothing is done within ${duration(seconds)}.
    </p>`,
  ];
}

/** The parts of a price with their formulas. @param {{data_wei: string, compute_wei: string, fee_wei: string, formula: object}} quote */
export function priceParts({ data_wei: data, compute_wei: compute, fee_wei: fee, formula }) {
  const part = (name, wei, how) =>
    html`<div>
      <dt>${name}</dt>
      <dd><span class="figure">${coins(wei)}</span><small>${spaced(how)}</small></dd>
    </div>`;
  return html`<dl class="parts">
    ${part("Data", data, formula.data)} ${part("Compute", compute, formula.compute)}
    ${part("Fee", fee, formula.fee)}
  </dl>`;
}

/** Long numbers with their thousands apart. */
function spaced(text) {
  return text.replace(/\d{5,}/g, (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ","));
}
