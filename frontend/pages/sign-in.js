import { post } from "/static/api.js";
import { accountForm, EMAIL, NEW_PASSWORD, PASSWORD } from "/static/components/account/form.js";
import { mailSent } from "/static/components/account/mail.js";
import { nextPage } from "/static/components/account/next.js";
import { html, replace, styles } from "/static/html.js";
import { navigate } from "/static/router.js";
import { session } from "/static/session.js";
import { connectPanel } from "/static/wallet/connect-panel.js";

export const title = "Sign in";

export async function show(place, { query, signal }) {
  styles("account");
  await session.ready;
  if (signal.aborted) return;
  const goOn = () => session.user && !signal.aborted && navigate(nextPage(query), { replace: true });
  if (session.user) return goOn();
  session.addEventListener("change", goOn, { signal });
  const byMail = html`<section class="card" aria-labelledby="by-mail"></section>`;
  replace(
    place,
    html`<h1>Sign in</h1>`,
    html`<p>
      A wallet is enough: it pays, is paid, and signs you in. With an e-mail address and a password you see
      your tickets on any device; link a wallet to them when you want to pay.
    </p>`,
    html`<div class="grid sign-in">
      <div>
        <h2 class="over">With a wallet</h2>
        ${connectPanel({ needsWallet: true, signal })}
      </div>
      <div>
        <h2 class="over" id="by-mail">With e-mail and password</h2>
        ${byMail}
      </div>
    </div>`,
  );
  drawSignIn(byMail, "");
}

function drawSignIn(place, email) {
  const again = (refusal) =>
    refusal.code === "auth.password" ? html`<a class="button" href="/reset">Set a new password</a>` : null;
  const form = accountForm({
    id: "sign-in",
    fields: [{ ...EMAIL, value: email }, PASSWORD],
    button: "Sign in",
    forward: again,
    send: async ({ email, password }) => {
      await post("/api/auth/sign-in", { email, password });
      await session.refresh();
    },
  });
  const signUp = () => {
    drawSignUp(place, form.querySelector("input").value);
    place.querySelector("input").focus();
  };
  replace(
    place,
    form,
    html`<p>
      <a href="/reset">Forgotten your password?</a>
    </p>`,
    html`<p>New here? <button type="button" class="link" @click=${signUp}>Create an account</button></p>`,
  );
}

function drawSignUp(place, email) {
  const form = accountForm({
    id: "sign-up",
    fields: [
      { ...EMAIL, value: email },
      { ...NEW_PASSWORD, label: "Password" },
    ],
    button: "Create an account",
    send: async ({ email, password }) => {
      await post("/api/auth/sign-up", { email, password });
      const back = html`<p>
        <button type="button" @click=${() => drawSignIn(place, email)}>Sign in</button>
      </p>`;
      replace(place, mailSent(email, html`<p>The link in it opens your account.</p>`), back);
    },
  });
  const back = () => {
    drawSignIn(place, form.querySelector("input").value);
    place.querySelector("input").focus();
  };
  replace(
    place,
    form,
    html`<p>Have an account already? <button type="button" class="link" @click=${back}>Sign in</button></p>`,
  );
}
