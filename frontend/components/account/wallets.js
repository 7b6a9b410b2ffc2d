import { post } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { confirmDialog } from "/static/components/dialog.js";
import { toast } from "/static/components/notice.js";
import { problem } from "/static/components/problem.js";
import { html, replace, short } from "/static/html.js";
import { session } from "/static/session.js";
import { connectPanel } from "/static/wallet/connect-panel.js";
import { plain } from "/static/wallet/plain.js";
import { linkWallet } from "/static/wallet/sign-in.js";
import { wallet } from "/static/wallet/wallet.js";

/** The wallets of the account: which one acts, others, and one more. */
export function walletsSection(place, user, signal) {
  const state = html`<div></div>`;
  const act = (what, work, done) => async () => {
    replace(state, busy(what));
    try {
      await work();
      replace(state);
      await session.refresh();
      toast(done);
    } catch (error) {
      replace(state, problem(plain(error)));
    }
  };
  replace(
    place,
    user.wallets.length
      ? html`<p>
            This session pays, quotes and provides as the wallet in use; tickets of all of them show together.
          </p>
          <ul class="linked">
            ${user.wallets.map((address) => row(address, user, act))}
          </ul>`
      : html`<p>None yet. Link one to pay for training, or to provide nodes.</p>`,
    state,
    another(user, act, signal),
  );
}

function row(address, user, act) {
  const isUsed = address === user.address;
  const use = act(
    "Changing …",
    () => post("/api/account/wallets/use", { address }),
    "This session acts for that wallet now.",
  );
  const unlink = async () => {
    const sure = await confirmDialog({
      title: "Unlink this wallet?",
      text: `${address} becomes an account of its own again, and takes its tickets along. Nothing is lost.`,
      confirm: "Unlink it",
      danger: true,
    });
    if (sure) {
      const work = () => post("/api/account/wallets/unlink", { address });
      await act("Unlinking …", work, "The wallet is unlinked.")();
    }
  };
  return html`<li class="row">
    ${short(address)}
    ${
      isUsed
        ? html`<span class="badge good">in use</span>`
        : html`<button type="button" aria-label="Use wallet ${address}" @click=${use}>Use</button>`
    }
    <button type="button" aria-label="Unlink wallet ${address}" @click=${unlink}>Unlink</button>
  </li>`;
}

function another(user, act, signal) {
  const offer = html`<div></div>`;
  const draw = () => {
    const { account } = wallet;
    const isNew = account !== null && !user.wallets.includes(account);
    const link = act("Sign the text in your wallet …", linkWallet, "The wallet is linked.");
    replace(
      offer,
      isNew
        ? html`<p class="ways">
            <button type="button" class="primary" id="link-wallet" @click=${link}>
              Link ${account.slice(0, 6)}…${account.slice(-4)}
            </button>
          </p>`
        : html`<p class="note">To link another wallet, choose its account in your wallet.</p>`,
    );
    return offer;
  };
  wallet.addEventListener("change", draw, { signal });
  return connectPanel({ needsSession: false, signal, then: draw });
}
