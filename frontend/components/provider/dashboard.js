import { html, replace } from "/static/html.js";
import { drawWhenChanged } from "/static/live.js";
import { count } from "/static/units.js";
import { requireWallet } from "/static/wallet/connect-panel.js";
import { accusationCards } from "./accusations.js";
import { moneyPanel } from "./money.js";
import { nodeView } from "./node-view.js";
import { offlineHint } from "./command.js";

/**
 * A provider's own node: what everybody sees of it, its money with what can be done, and accusations.
 * @param {Element} place @param {{provider: string, coin: string, changed: () => void, signal: AbortSignal}} about
 * @returns {(told: {own: any, node: any, ratings: any[], credits: any}) => void}
 */
export function dashboard(place, about) {
  const money = moneyPanel(about);
  const view = nodeView(about);
  const accused = html`<section aria-labelledby="accusations-title"></section>`;
  const credits = html`<section aria-labelledby="credits-title"></section>`;
  const card = accusationCards(about);
  const panel = html`<section aria-labelledby="money-title">
    <h2 id="money-title">Your money</h2>
    ${requireWallet({ chain: "market", signal: about.signal })} ${money.element}
  </section>`;
  const hint = html`<div></div>`;
  const drawHint = drawWhenChanged(hint, ({ name, isDown }) =>
    replace(hint, isDown ? offlineHint(name) : null),
  );
  replace(place, view.facts, hint, accused, panel, view.jobs, credits, view.rating, view.energy);
  const drawAccused = drawWhenChanged(accused, (accusations) =>
    replace(
      accused,
      accusations.length ? [html`<h2 id="accusations-title">Accusations</h2>`, accusations.map(card)] : null,
    ),
  );
  const drawCredits = drawWhenChanged(credits, (held) => replace(credits, ...ecoCredits(held)));
  return ({ own, node, ratings, credits: held }) => {
    view.update({ node, ratings });
    const { name, online, state } = node.node;
    drawHint({ name, isDown: !online && (state === "Active" || state === "Exiting") });
    money.update(own.purse);
    drawAccused(own.accusations);
    if (held) drawCredits(held.holdings);
  };
}

function ecoCredits(holdings) {
  const held = holdings.reduce((sum, { held_ug: micrograms }) => sum + Number(micrograms), 0);
  return [
    html`<h2 id="credits-title">Eco Credits</h2>`,
    held
      ? html`<p>
          ${count(held)} µg CO₂e avoided are held by this wallet on the carbon chain.
          <a href="/credits">Look at them or use them up</a>.
        </p>`
      : html`<p class="note">
          None yet: work that emits less than its baseline earns <a href="/credits">Eco Credits</a> (internal
          units, not carbon offsets).
        </p>`,
  ];
}
