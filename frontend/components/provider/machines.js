import { html, replace, short } from "/static/html.js";
import { coins, duration } from "/static/units.js";
import { contract } from "/static/wallet/contracts.js";
import { Transaction } from "/static/wallet/transactions.js";
import { machine as described } from "./facts.js";
import { guardedButton } from "./guarded-button.js";
import { exactCoins, weiOf } from "./node-words.js";

const ROLES = { trainer: 1, validator: 2 };

/**
 * A machine that asks to join: the code to compare, and the deposit.
 * @param {{provider: string, purse: any, coin: string, changed: () => void}} about
 * @returns {(machine: any) => Element} the same element for the same machine, so that what is typed and under way stays
 */
export function machineCards(about) {
  const drawn = new Map();
  return (machine) => {
    const key = `${machine.key} ${machine.code}`;
    if (!drawn.has(key)) drawn.set(key, card(machine, about));
    return drawn.get(key);
  };
}

function card(machine, { provider, purse, coin, changed }) {
  const least = BigInt(purse.min_deposit_wei);
  const id = `deposit-${machine.key.slice(2, 10)}`;
  const wrong = html`<p class="wrong" id="${id}-wrong" role="alert"></p>`;
  const amount = html`<input
    id=${id}
    inputmode="decimal"
    autocomplete="off"
    aria-describedby="${id}-wrong"
    .value=${exactCoins(least)}
  />`;
  const tx = new Transaction({
    key: `provider:register:${provider}:${machine.key}`,
    label: `Register ${machine.name} and pay its deposit`,
  });
  // Of a machine that has joined and left before, nothing is under way any more.
  if (!tx.busy) tx.forget();
  const allowed = () => {
    const trouble = depositTrouble(weiOf(amount.value), least, coin);
    replace(wrong, trouble);
    amount.setAttribute("aria-invalid", String(trouble !== ""));
    return trouble === "";
  };
  const call = async () => {
    const staking = await contract("NodeStaking");
    return staking.register(machine.name, machine.key, ROLES[machine.role], { value: weiOf(amount.value) });
  };
  return html`<article class="card" aria-label="A machine asks to be ${machine.name}">
    <p><strong>${machine.name}</strong>, ${machine.role}: a machine asks to join.</p>
    <p>The same code must stand on the machine: <span class="match">${machine.code}</span></p>
    <dl class="facts">
      <dt>Machine</dt>
      <dd>${described(machine.hardware)}</dd>
      <dt>Its key</dt>
      <dd>${short(machine.key)}</dd>
    </dl>
    <div class="field">
      <label for=${id}>Deposit (${coin})</label>
      ${amount} ${wrong}
      <p class="help">
        At least ${coins(least, coin)}; your wallet has ${coins(purse.coins_wei, coin)}. A node that is proven
        to cheat loses all of it. You get it back after leaving and ${duration(purse.unbonding_seconds)} of
        unbonding.
      </p>
    </div>
    ${guardedButton(tx, { text: "Pay the deposit and register", allowed, call, then: changed })}
  </article>`;
}

function depositTrouble(value, least, coin) {
  if (value === null) return `Write an amount in ${coin}, such as ${exactCoins(least)}.`;
  return value < least ? `The deposit is at least ${coins(least, coin)}.` : "";
}
