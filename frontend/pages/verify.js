import { post } from "/static/api.js";
import { accountForm, PASSWORD } from "/static/components/account/form.js";
import { forgetToken, mailToken } from "/static/components/account/token.js";
import { busy } from "/static/components/busy.js";
import { toast } from "/static/components/notice.js";
import { problem } from "/static/components/problem.js";
import { html, replace, styles } from "/static/html.js";
import { navigate } from "/static/router.js";
import { session } from "/static/session.js";

export const title = "Confirm your e-mail address";

const NEEDS_PASSWORD = new Set(["account.password_needed", "auth.password"]);

export async function show(place, { signal }) {
  styles("account");
  const token = mailToken();
  const content = html`<div></div>`;
  replace(place, html`<h1>Confirm your e-mail address</h1>`, content);
  if (!token) return replace(content, lost());
  replace(content, busy("Confirming …"));
  await session.ready;
  const confirm = async (more) => {
    const { email } = await post("/api/auth/verify", { token, ...more }, { signal });
    forgetToken();
    await session.refresh();
    toast(`${email} is confirmed.`);
    navigate("/account", { replace: true });
  };
  try {
    await confirm({});
  } catch (refusal) {
    if (signal.aborted) return;
    if (NEEDS_PASSWORD.has(refusal.code)) replace(content, askPassword(confirm));
    else replace(content, problem(refusal, { forward: newLetter() }));
  }
}

function askPassword(confirm) {
  return html`<section class="card">
    <p>Enter the password that you chose: it shows that it was you who asked for this letter.</p>
    ${accountForm({
      id: "verify",
      fields: [{ ...PASSWORD, codes: ["auth.password"] }],
      button: "Confirm and sign in",
      send: ({ password }) => confirm({ password }),
      forward: newLetter,
    })}
    <p class="note">
      If you asked for it in an account that you enter with a wallet, sign in there first and open the link
      again.
    </p>
  </section>`;
}

function newLetter() {
  return html`<a class="button" href="/sign-in">Sign in to get a new letter</a>`;
}

function lost() {
  return html`<div class="empty">
    <p>This page is opened by the link in a letter of ours.</p>
    <a class="button" href="/sign-in">Sign in</a>
  </div>`;
}
