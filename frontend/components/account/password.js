import { post } from "/static/api.js";
import { toast } from "/static/components/notice.js";
import { html, replace } from "/static/html.js";
import { session } from "/static/session.js";
import { accountForm, NEW_PASSWORD, PASSWORD } from "./form.js";

const CURRENT = { ...PASSWORD, name: "current", label: "Present password", codes: ["account.password"] };

/** Set one, or another: all other sessions end. */
export function passwordSection(place, user) {
  if (user.email === null) {
    replace(place, html`<p>A password goes with an e-mail address: add one first.</p>`);
    return;
  }
  const form = accountForm({
    id: "password",
    fields: user.has_password ? [CURRENT, NEW_PASSWORD] : [NEW_PASSWORD],
    button: user.has_password ? "Change the password" : "Set the password",
    primary: false,
    send: async ({ current, password }) => {
      await post("/api/account/password", user.has_password ? { current, password } : { password });
      form.reset();
      await session.refresh();
      toast("Your password is set; all other sessions have ended.");
    },
  });
  // Password managers keep a password under the name in the same form.
  form.prepend(html`<input type="email" autocomplete="username" .value=${user.email} hidden />`);
  replace(place, form);
}
