import { post } from "/static/api.js";
import { accountForm, EMAIL, NEW_PASSWORD } from "/static/components/account/form.js";
import { mailSent } from "/static/components/account/mail.js";
import { forgetToken, mailToken } from "/static/components/account/token.js";
import { toast } from "/static/components/notice.js";
import { html, replace, styles } from "/static/html.js";
import { navigate } from "/static/router.js";
import { session } from "/static/session.js";

export const title = "Set a new password";

export async function show(place) {
  styles("account");
  await session.ready;
  const content = html`<section class="card"></section>`;
  replace(place, html`<h1>Set a new password</h1>`, content);
  const token = mailToken();
  if (token) drawReset(content, token);
  else drawForgot(content);
}

function drawForgot(place) {
  replace(
    place,
    html`<p>We write you a link that sets a new one. It works once, for an hour.</p>`,
    accountForm({
      id: "forgot",
      fields: [EMAIL],
      button: "Send the link",
      send: async ({ email }) => {
        await post("/api/auth/forgot", { email });
        replace(
          place,
          mailSent(email, html`<p>If there is no account of this address, no letter comes.</p>`),
        );
      },
    }),
  );
}

function drawReset(place, token) {
  const another = () => {
    forgetToken();
    drawForgot(place);
    place.querySelector("input").focus();
  };
  replace(
    place,
    html`<p>You are signed in with it at once, and signed out everywhere else.</p>`,
    accountForm({
      id: "reset",
      fields: [NEW_PASSWORD],
      button: "Set the password",
      forward: ({ code }) =>
        code === "account.link"
          ? html`<button type="button" @click=${another}>Ask for a new link</button>`
          : null,
      send: async ({ password }) => {
        await post("/api/auth/reset", { token, password });
        forgetToken();
        await session.refresh();
        toast("Your password is set.");
        navigate("/account", { replace: true });
      },
    }),
  );
}
