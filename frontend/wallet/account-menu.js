/** The account in the header: who is signed in, what the wallet holds and where it is, and what can be done about it. */

import { toast } from "/static/components/notice.js";
import { html, replace, short, styles } from "/static/html.js";
import { navigate } from "/static/router.js";
import { session } from "/static/session.js";
import { coins } from "/static/units.js";
import { balances } from "./balances.js";
import { chainNamed } from "./chains.js";
import { balancesChanged, getCoins, hasFaucet } from "./faucet.js";
import { menuKeys } from "./menu-keys.js";
import { plain } from "./plain.js";
import { signIn } from "./sign-in.js";
import { isOtherAccount } from "./standing.js";
import { wallet } from "./wallet.js";

const BALANCES_EVERY_MS = 10_000;

/** @param {Element} place @returns {Promise<void>} once it is known who is here */
export async function accountMenu(place) {
  const loaded = styles("wallet");
  await Promise.all([session.ready, wallet.ready, loaded]);
  const menu = build();
  const isSomebody = () => session.user !== null || wallet.account !== null;
  const draw = async () => {
    if (isSomebody()) await menu.draw();
    else menu.close();
    const shown = isSomebody() ? menu.place : html`<a class="button" href="/sign-in">Sign in</a>`;
    if (place.firstElementChild !== shown) replace(place, shown);
  };
  for (const changing of [wallet, session, balancesChanged]) changing.addEventListener("change", draw);
  await draw();
}

function build() {
  const label = html`<span></span>`;
  const badge = html`<span></span>`;
  const button = html`<button
    type="button"
    id="account-button"
    class="account-button"
    aria-haspopup="menu"
    aria-expanded="false"
    aria-controls="account-menu"
  >
    ${label}${badge}
  </button>`;
  const facts = html`<div id="account-facts" class="account-facts"></div>`;
  const items = html`<div id="account-menu" role="menu" aria-labelledby="account-button"></div>`;
  const sheet = html`<div class="account-sheet" hidden>${facts}${items}</div>`;
  const place = html`<div class="account">${button}${sheet}</div>`;
  let refreshing = null;

  const close = (focus = false) => {
    sheet.hidden = true;
    button.setAttribute("aria-expanded", "false");
    clearInterval(refreshing);
    if (focus) button.focus();
  };
  const open = async () => {
    sheet.hidden = false;
    button.setAttribute("aria-expanded", "true");
    refreshing = setInterval(() => drawFacts(facts), BALANCES_EVERY_MS);
    await drawFacts(facts);
  };
  menuKeys({ button, items, place, open, close, isOpen: () => !sheet.hidden });

  /** Do what an item says; what goes wrong is told in words. */
  const act = (work) => async () => {
    close(true);
    try {
      await work();
    } catch (error) {
      toast(plain(error).message);
    }
  };

  const draw = async () => {
    replace(label, nameOf());
    replace(badge, await standingBadge());
    const wanted = await choices(act);
    const focused = items.contains(document.activeElement) ? document.activeElement.textContent : null;
    replace(items, ...wanted);
    if (focused !== null) (wanted.find(({ textContent }) => textContent === focused) ?? wanted[0]).focus();
    if (!sheet.hidden) await drawFacts(facts);
  };
  return { place, draw, close };
}

function nameOf() {
  const { user } = session;
  const account = user?.address ?? (user ? null : wallet.account);
  return account ? brief(account) : (user?.email ?? null);
}

async function standingBadge() {
  const { account, chainId } = wallet;
  if (session.user === null) return html`<span class="badge warn">not signed in</span>`;
  if (isOtherAccount(account, session.user)) return html`<span class="badge warn">other account</span>`;
  if (account !== null && (await chainNamed(chainId)) === null)
    return html`<span class="badge warn">other chain</span>`;
  return null;
}

async function choices(act) {
  const { account, chainId, info } = wallet;
  const { user } = session;
  const chain = account === null ? null : await chainNamed(chainId);
  const faucet = await hasFaucet().catch(() => false);
  const paidTo = account ?? user?.address;
  return [
    user && item("Account", () => navigate("/account")),
    user === null && item("Sign in with the wallet", act(signIn)),
    isOtherAccount(account, user) && item(`Sign in as ${brief(account)}`, act(signIn)),
    ...(user && account === null ? wallet.providers : []).map((found) =>
      item(
        `Connect ${found.info.name}`,
        act(() => wallet.connect(found.info.uuid)),
      ),
    ),
    account &&
      chain !== "market" &&
      item(
        "Switch to the market chain",
        act(() => wallet.ensureChain("market")),
      ),
    account &&
      chain !== "carbon" &&
      item(
        "Switch to the carbon chain",
        act(() => wallet.ensureChain("carbon")),
      ),
    account && item("Add DML to the wallet", act(watch)),
    faucet &&
      paidTo &&
      item(
        "Get coins to try with",
        act(() => getCoins(paidTo)),
      ),
    account &&
      item(
        `Disconnect ${info?.name ?? "the wallet"}`,
        act(() => wallet.disconnect()),
      ),
    user &&
      item(
        "Sign out",
        act(() => session.signOut()),
      ),
  ].filter(Boolean);
}

async function watch() {
  toast(
    (await wallet.watchToken()) ? "DML is among your wallet's tokens now." : "The wallet did not add DML.",
  );
}

async function drawFacts(place) {
  const { account, info } = wallet;
  const { user } = session;
  const told = [];
  if (user?.email) told.push(["Signed in as", user.email]);
  if (user?.address) told.push([user.email ? "Acting for" : "Signed in as", short(user.address)]);
  if (account) told.push([info?.name ?? "Wallet", short(account)]);
  if (account) told.push(...(await holdings()));
  replace(
    place,
    html`<dl class="facts">
      ${told.map(([name, value]) => [html`<dt>${name}</dt>`, html`<dd>${value}</dd>`])}
    </dl>`,
  );
}

async function holdings() {
  try {
    const held = await balances();
    if (held === null) return [];
    if (held.chain === null) return [["Chain", html`<span class="badge warn">none of this network's</span>`]];
    return [
      ["Chain", html`<span class="badge good">${held.name}</span>`],
      held.dmlWei === null ? ["DML", "on the market chain"] : ["DML", coins(held.dmlWei)],
      ["For network fees", coins(held.coinWei, held.coin)],
    ];
  } catch (error) {
    return [["Balances", plain(error).message]];
  }
}

function item(text, press) {
  return html`<button type="button" role="menuitem" tabindex="-1" @click=${press}>${text}</button>`;
}

/** @param {string} address */
function brief(address) {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}
