/** A transaction as the reader sees it: where it stands, and the way forward. */

import { problem } from "/static/components/problem.js";
import { config } from "/static/config.js";
import { html, replace, short, styles } from "/static/html.js";
import { chainOf } from "./chains.js";
import { getCoins, hasFaucet } from "./faucet.js";
import { plain } from "./plain.js";
import { wallet } from "./wallet.js";

/** @typedef {import("./transactions.js").Transaction} Transaction */

/** The live state of a transaction; nothing while it is idle. @param {Transaction} tx @returns {Element} */
export function showTransaction(tx) {
  styles("wallet");
  const said = html`<div role="status"></div>`;
  const ways = html`<div></div>`;
  const place = html`<div class="transaction">${said}${ways}</div>`;
  const draw = async () => {
    const drawn = await picture(tx);
    place.dataset.step = tx.step;
    place.hidden = tx.step === "idle";
    replace(said, drawn.said);
    replace(ways, drawn.ways);
  };
  tx.addEventListener("change", draw);
  draw();
  return place;
}

/**
 * A button that runs a transaction, with its state below; disabled while it is under way.
 * @param {Transaction} tx
 * @param {{text: string, call: () => Promise<{hash: string}>, then?: () => void, kind?: string, disabled?: boolean}} action `then` follows a confirmation
 * @returns {Element}
 */
export function transactionButton(tx, { text, call, then = () => {}, kind = "primary", disabled = false }) {
  const press = async () => {
    if (await tx.run(call)) then();
  };
  const button = html`<button type="button" class=${kind} @click=${press}>${text}</button>`;
  const follow = () => {
    button.disabled = disabled || tx.busy;
  };
  tx.addEventListener("change", follow);
  follow();
  // One found under way after a reload ends here, too.
  if (tx.busy) tx.settled().then((confirmed) => confirmed && then());
  return html`<div class="action">${button}${showTransaction(tx)}</div>`;
}

async function picture(tx) {
  const { state } = tx;
  const hash = state.hash ? await hashOf(tx) : null;
  const blocked = tx.busy && tx.hindrance ? html`<p>${tx.hindrance.message}</p>` : null;
  const way = blocked ? await forward(tx, tx.hindrance) : null;
  if (tx.step === "waiting")
    return {
      said: html`<p>${badge("Waiting for your wallet", "warn")} ${waiting(tx)}</p>
        ${blocked}`,
      ways: html`<p class="ways">
        ${way}
        <button type="button" @click=${() => tx.stop()}>
          ${tx.isOrphan ? "Start again" : "Stop waiting"}
        </button>
      </p>`,
    };
  if (tx.step === "pending")
    return {
      said: html`<p>${badge("Pending", "warn")} ${tx.label}: ${await progress(state)}</p>
        ${state.note ? html`<p>${state.note}</p>` : null}${blocked}`,
      ways: html`<p class="ways">${hash}${way}</p>`,
    };
  if (tx.step === "confirmed")
    return {
      said: html`<p>${badge("Confirmed", "good")} ${tx.label}, in block ${state.block}.</p>`,
      ways: html`<p class="ways">${hash}</p>`,
    };
  if (tx.step === "failed")
    return {
      said: html`<p>${badge("Failed", "bad")} ${tx.label}</p>`,
      ways: problem(state.problem, { forward: await afterFailure(tx, hash) }),
    };
  return { said: null, ways: null };
}

function waiting(tx) {
  if (!tx.isOrphan) return `Confirm or decline in ${wallet.info?.name ?? "your wallet"}: ${tx.label}.`;
  return `Before this page was loaded again, your wallet was asked: ${tx.label}. If it still asks, answer there; this page will notice. If it shows nothing, start again.`;
}

async function progress(state) {
  if (state.missingSince !== null) return "no node of the chain shows it at present; looking on.";
  if (state.block === null) return "sent, waiting for a block.";
  const { confirmations: needed } = await config();
  return `in block ${state.block}, ${state.confirmations} of ${needed} confirmations.`;
}

async function hashOf(tx) {
  const { explorer_url: explorer } = await chainOf(tx.chain);
  const { hash } = tx.state;
  const link = explorer
    ? html`<a href="${explorer}/tx/${hash}" target="_blank" rel="noopener">Explorer</a>`
    : null;
  return html`<span>Transaction ${short(hash)} ${link}</span>`;
}

async function afterFailure(tx, hash) {
  const ways = [hash, await forward(tx, tx.state.problem)].flat().filter(Boolean);
  return ways.length ? ways : null;
}

/** The button that helps, by what `plain` says. */
async function forward(tx, { forward: way }) {
  const again = tx.canRetry ? button("Try again", () => tx.retry()) : null;
  if (way === "switch")
    return button(`Switch to ${(await chainOf(tx.chain)).name}`, () => wallet.ensureChain(tx.chain));
  if (way === "choose" && wallet.account)
    return [button("Choose the account in the wallet", () => wallet.chooseAccount()), again];
  if (way === "connect" || way === "choose")
    return wallet.providers.map(({ info }) =>
      button(`Connect ${info.name}`, () => wallet.connect(info.uuid)),
    );
  if (way === "coins" && (await hasFaucet()) && wallet.account)
    return [button("Get coins to try with", () => getCoins(wallet.account)), again];
  return way === "retry" || way === "coins" ? again : null;
}

/** A button whose own failure is said beside it. */
function button(text, act) {
  const trouble = html`<span role="alert"></span>`;
  const press = async (event) => {
    const pressed = event.currentTarget;
    pressed.disabled = true;
    replace(trouble);
    try {
      await act();
    } catch (error) {
      replace(trouble, plain(error).message);
    }
    pressed.disabled = false;
  };
  return html`<span><button type="button" @click=${press}>${text}</button> ${trouble}</span>`;
}

function badge(text, kind) {
  return html`<span class="badge ${kind}">${text}</span>`;
}
