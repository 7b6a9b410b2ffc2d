/** What stands where a page needs a wallet or a session: how to connect, sign in, or get back to the right account. */

import { signInAddress } from "/static/components/account/next.js";
import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { html, replace, styles } from "/static/html.js";
import { session } from "/static/session.js";
import { chainOf } from "./chains.js";
import { plain } from "./plain.js";
import { linkWallet, signIn, useLinked } from "./sign-in.js";
import { missing } from "./standing.js";
import { wallet } from "./wallet.js";

/**
 * Asks for what is missing; hidden once nothing is.
 * @param {object} [wants]
 * @param {"market"|"carbon"|null} [wants.chain] the wallet must be on this chain
 * @param {boolean} [wants.needsWallet] a wallet must be connected, and be the session's; else a session by e-mail does
 * @param {boolean} [wants.needsSession] somebody must be signed in
 * @param {AbortSignal} [wants.signal] of the page
 * @param {() => any} [wants.then] what to show (nodes) in its place once nothing is missing; drawn anew for another account
 * @returns {Element} tells "ready" whenever nothing is missing any more
 */
export function connectPanel({ chain = null, needsWallet = true, needsSession = true, signal, then } = {}) {
  styles("wallet");
  const place = html`<section class="connect" aria-label="Wallet and session"></section>`;
  const asked = html`<div></div>`;
  const content = html`<div></div>`;
  replace(place, asked, content);
  const doing = { what: null, trouble: null };
  let shownFor;
  const draw = () => look().catch((error) => replace(asked, problem(plain(error), { again: draw })));
  const look = async () => {
    const wantsChain = chain ? (await chainOf(chain)).chain_id : null;
    const { account, chainId } = wallet;
    const standing = {
      account,
      chainId,
      user: session.user,
      wantsWallet: needsWallet,
      wantsSession: needsSession,
    };
    const lacks = missing({ ...standing, wantsChain });
    replace(asked, ...(lacks === "ready" ? [] : pictures[lacks]({ chain, needsWallet, doing, act })));
    const isReady = lacks === "ready";
    asked.classList.toggle("card", !isReady);
    place.hidden = isReady && !then;
    const who = isReady || lacks === "switch" ? `${account} ${session.user?.id}` : null;
    // What a page shows is kept while the wallet is only away on another chain.
    if (who === shownFor) return;
    shownFor = isReady ? who : null;
    replace(content, isReady && then ? then() : null);
    if (isReady) place.dispatchEvent(new Event("ready"));
  };
  /** Do one thing at a time, say what is waited for, and what went wrong. */
  const act = async (what, work) => {
    if (doing.what) return;
    doing.what = what;
    doing.trouble = null;
    draw();
    try {
      await work();
    } catch (error) {
      doing.trouble = plain(error);
    }
    doing.what = null;
    draw();
  };
  replace(asked, busy("Looking for your wallet …"));
  Promise.all([wallet.ready, session.ready]).then(() => {
    wallet.addEventListener("change", draw, { signal });
    session.addEventListener("change", draw, { signal });
    draw();
  });
  return place;
}

/** As `connectPanel`: a wallet that is signed in, on the given chain. @param {Parameters<typeof connectPanel>[0]} wants */
export function requireWallet(wants = {}) {
  return connectPanel({ ...wants, needsWallet: true });
}

const SIGN = "Sign the text in your wallet …";

const pictures = {
  connect({ needsWallet, doing, act }) {
    const { providers } = wallet;
    const known = session.user?.address;
    return [
      html`<h2>${session.user ? "Connect your wallet" : "Connect a wallet"}</h2>`,
      known
        ? html`<p>You are signed in as <code>${brief(known)}</code>; its wallet is not connected here.</p>`
        : null,
      state(doing),
      providers.length ? choice(providers, doing, act) : none(),
      needsWallet ? null : byMail(),
    ];
  },

  "sign-in"({ needsWallet, doing, act }) {
    return [
      html`<h2>Sign in</h2>`,
      html`<p>
        Connected with ${wallet.info?.name}: <code>${brief(wallet.account)}</code>. Signing in proves that the
        account is yours. The signature is good for this site only, moves no money and costs nothing.
      </p>`,
      state(doing),
      ways(
        doing,
        { text: `Sign in as ${brief(wallet.account)}`, id: "wallet-sign-in", press: () => act(SIGN, signIn) },
        { text: "Use another wallet", press: () => wallet.disconnect() },
      ),
      needsWallet ? null : byMail(),
    ];
  },

  "other-account"({ doing, act }) {
    const { user } = session;
    const { account } = wallet;
    const isOwn = user.wallets.includes(account);
    const [text, waiting, goOn] = isOwn
      ? [`Go on as ${brief(account)}`, "Changing the account …", useLinked]
      : [`Sign in as ${brief(account)}`, SIGN, signIn];
    return [
      html`<h2>Your wallet shows another account</h2>`,
      html`<p>
        You are signed in as <code>${brief(user.address)}</code>, but your wallet now uses
        <code>${brief(account)}</code>${isOwn ? ", which is linked to your account" : ""}. Switch back to
        <code>${brief(user.address)}</code> in the wallet, or go on with the other account.
      </p>`,
      state(doing),
      ways(
        doing,
        { text, press: () => act(waiting, goOn) },
        {
          text: "Choose the account in the wallet",
          press: () => act("Choose the account in your wallet …", () => wallet.chooseAccount()),
        },
      ),
    ];
  },

  link({ doing, act }) {
    return [
      html`<h2>Link your wallet</h2>`,
      html`<p>
        You are signed in as ${session.user.email}, without a wallet. Link
        <code>${brief(wallet.account)}</code> to your account to pay and to be paid.
      </p>`,
      state(doing),
      ways(
        doing,
        { text: "Link the wallet", press: () => act(SIGN, linkWallet) },
        { text: "Sign in with the wallet instead", press: () => act(SIGN, signIn) },
      ),
    ];
  },

  switch({ chain, doing, act }) {
    return [
      html`<h2>Your wallet is on another chain</h2>`,
      state(doing),
      ways(doing, {
        text: `Switch to the ${chain} chain`,
        press: () => act("Switch the chain in your wallet …", () => wallet.ensureChain(chain)),
      }),
    ];
  },
};

function choice(providers, doing, act) {
  const one = ({ info }) => {
    const press = () => act(`Choose an account in ${info.name} …`, () => wallet.connect(info.uuid));
    return html`<li>
      <button type="button" class="wallet" ?disabled=${doing.what} @click=${press}>
        ${info.icon ? html`<img src=${info.icon} alt="" width="28" height="28" />` : null}${info.name}
      </button>
    </li>`;
  };
  return html`<ul class="wallets" aria-label="Wallets in this browser">
    ${providers.map(one)}
  </ul>`;
}

/** Buttons for what can be done; the first is what most want. None can be pressed while something is being done. */
function ways(doing, ...offered) {
  const button = ({ text, id, press }, at) =>
    html`<button
      type="button"
      class=${at ? null : "primary"}
      id=${id ?? null}
      ?disabled=${doing.what}
      @click=${press}
    >
      ${text}
    </button>`;
  return html`<p class="ways">${offered.map(button)}</p>`;
}

function byMail() {
  return html`<p>Or <a href=${signInAddress()}>sign in with e-mail and password</a>.</p>`;
}

function none() {
  return html`<p>
    There is no wallet in this browser. A wallet is a browser extension that holds your keys, for example
    <a href="https://metamask.io/download" rel="noopener" target="_blank">MetaMask</a>; any that announces
    itself (EIP-6963) will do. Install one, then load this page again.
  </p>`;
}

function state({ what, trouble }) {
  if (what) return busy(what);
  return trouble ? problem(trouble) : null;
}

/** @param {string} address */
function brief(address) {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}
