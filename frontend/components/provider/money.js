import { confirmDialog } from "/static/components/dialog.js";
import { html, replace, time } from "/static/html.js";
import { drawWhenChanged } from "/static/live.js";
import { coins, duration } from "/static/units.js";
import { contract } from "/static/wallet/contracts.js";
import { Transaction, transactionButton } from "/static/wallet/transactions.js";
import { guardedButton } from "./guarded-button.js";
import { weiOf } from "./node-words.js";

/**
 * The provider's money as cards with their transactions: earnings, credit of slashed deposits, the deposit and leaving. The
 * cards stay while figures change, so that a transaction under way keeps its place.
 * @param {{provider: string, coin: string, changed: () => void, signal: AbortSignal}} about `changed` is called after a confirmation
 * @returns {{element: Element, update: (purse: any) => void}} `purse` of `GET /api/provider`
 */
export function moneyPanel({ provider, coin, changed, signal }) {
  const act = (what, label, text, name, method, kind = "primary") => {
    const key = `provider:${what}:${provider}`;
    const tx = fresh(new Transaction({ key, label }));
    const call = async () => (await contract(name))[method]();
    return transactionButton(tx, { text, call, then: changed, kind });
  };
  const actions = {
    withdraw: act("earnings", "Withdraw earnings", "Withdraw earnings", "JobEscrow", "withdraw"),
    credit: act("credit", "Withdraw the credit", "Withdraw the credit", "NodeStaking", "withdrawCredit"),
    deposit: act("deposit", "Withdraw the deposit", "Withdraw the deposit", "NodeStaking", "withdraw"),
    topUp: topUp({ provider, coin, changed }),
    exit: exit({ provider, changed }),
  };
  const element = html`<div class="money"></div>`;
  const countdown = html`<strong role="timer"></strong>`;
  const shown = { purse: null };
  const draw = drawWhenChanged(element, (purse) =>
    replace(element, ...cards(purse, actions, countdown, coin)),
  );
  const clock = setInterval(() => shown.purse && update(shown.purse), 1000);
  signal.addEventListener("abort", () => clearInterval(clock));
  const update = (purse) => {
    shown.purse = purse;
    // When the wait ends, the card changes without news from the chain.
    draw({ ...purse, coins_wei: null, is_over: isOver(purse) });
    tick(countdown, purse);
  };
  return { element, update };
}

function cards(purse, actions, countdown, coin) {
  return [
    card("Earnings", [
      html`<p><strong class="figure">${coins(purse.credit_dml_wei)}</strong> wait in the escrow.</p>`,
      BigInt(purse.credit_dml_wei) > 0n
        ? actions.withdraw
        : html`<p class="note">
            What a job pays is credited here and sent to your wallet soon after by the market. What still
            waits you can take yourself at any time.
          </p>`,
    ]),
    BigInt(purse.credit_native_wei) > 0n
      ? card("From slashed deposits", [
          html`<p>
            <strong class="figure">${coins(purse.credit_native_wei, coin)}</strong> are yours: shares of the
            deposits of nodes that cheated in your jobs.
          </p>`,
          actions.credit,
        ])
      : null,
    purse.state === "None" ? null : card("Deposit", deposit(purse, actions, countdown, coin)),
  ];
}

function deposit(purse, actions, countdown, coin) {
  const held = html`<p><strong class="figure">${coins(purse.deposit_wei, coin)}</strong></p>`;
  if (purse.state === "Banned")
    return [
      html`<p>
        This wallet is banned for life: a verdict proved that its node cheated, and its deposit went to the
        honest nodes of that job. What it earned before can still be withdrawn.
      </p>`,
    ];
  const frozen = purse.frozen
    ? html`<p class="warning">It is frozen while an accusation is open: see below what you can do.</p>`
    : null;
  if (purse.state === "Active") return [held, frozen, actions.topUp, exitPart(purse, actions)];
  return [held, frozen, ...unbonding(purse, actions, countdown)];
}

function exitPart(purse, actions) {
  const meaning = html`<p class="note">
    Leaving: no new work from then on; the deposit stays for ${duration(purse.unbonding_seconds)} more, so
    that work already paid can still be judged, and can be withdrawn after that.
  </p>`;
  const binding = purse.assigned_jobs
    ? html`<p class="note">
        It works on ${purse.assigned_jobs} open job(s): it may ask to leave now and must finish them; the
        deposit cannot be withdrawn before.
      </p>`
    : null;
  return html`<div>${meaning}${binding}${actions.exit}</div>`;
}

function unbonding(purse, actions, countdown) {
  if (purse.assigned_jobs)
    return [
      html`<p>
        The node still works on ${purse.assigned_jobs} open job(s): leave its machine running. The deposit can
        be withdrawn once they have
        ended${isOver(purse) ? "" : html`, and not before ${time(purse.exit_at)}`}.
      </p>`,
    ];
  if (!isOver(purse))
    return [html`<p>Unbonding: it can be withdrawn ${time(purse.exit_at)}, in ${countdown}.</p>`];
  return [
    html`<p>The unbonding time is over.</p>`,
    purse.frozen ? null : actions.deposit,
    html`<p class="note">After that the name is free again, and the wallet may join anew.</p>`,
  ];
}

function topUp({ provider, coin, changed }) {
  const tx = fresh(new Transaction({ key: `provider:top-up:${provider}`, label: "Add to the deposit" }));
  const wrong = html`<p class="wrong" id="top-up-wrong" role="alert"></p>`;
  const input = html`<input
    id="top-up"
    inputmode="decimal"
    autocomplete="off"
    aria-describedby="top-up-wrong"
  />`;
  const allowed = () => {
    const isWrong = weiOf(input.value) === null;
    replace(wrong, isWrong ? `Write an amount in ${coin}, such as 0.5.` : null);
    input.setAttribute("aria-invalid", String(isWrong));
    return !isWrong;
  };
  const call = async () => (await contract("NodeStaking")).topUp({ value: weiOf(input.value) });
  const then = () => {
    input.value = "";
    changed();
  };
  return html`<div class="field">
    <label for="top-up">Add to the deposit (${coin})</label>
    <div class="amount">${input}${guardedButton(tx, { text: "Top up", allowed, call, then, kind: "" })}</div>
    ${wrong}
    <p class="help">A larger deposit weighs more in the draws. It counts from the next block on.</p>
  </div>`;
}

function exit({ provider, changed }) {
  const tx = fresh(new Transaction({ key: `provider:exit:${provider}`, label: "Ask to leave" }));
  const allowed = () =>
    confirmDialog({
      title: "Leave the market?",
      text: "The node gets no new work from now on, and the deposit can be withdrawn when the unbonding time is over. This cannot be taken back; afterwards the wallet can join again.",
      confirm: "Ask to leave",
      danger: true,
    });
  const call = async () => (await contract("NodeStaking")).requestExit();
  return guardedButton(tx, { text: "Ask to leave", allowed, call, then: changed, kind: "danger" });
}

/** One that ended on an earlier visit says nothing any more. */
function fresh(tx) {
  if (!tx.busy) tx.forget();
  return tx;
}

function card(title, content) {
  return html`<section class="card">
    <h3>${title}</h3>
    ${content}
  </section>`;
}

/** The chain's newest block may be a moment behind. */
function isOver(purse) {
  return purse.state === "Exiting" && Date.now() / 1000 > purse.exit_at + 2;
}

function tick(place, purse) {
  if (purse?.state !== "Exiting") return;
  const left = Math.max(0, Math.ceil(purse.exit_at + 2 - Date.now() / 1000));
  place.textContent = duration(left).replace(".0 s", " s");
}
