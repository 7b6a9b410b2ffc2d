import { post } from "/static/api.js";
import { toast } from "/static/components/notice.js";
import { html, replace } from "/static/html.js";
import { session } from "/static/session.js";
import { accountForm, EMAIL } from "./form.js";

/** The address that letters go to, and another one. */
export function emailSection(place, user) {
  const ask = async ({ email }) => {
    await post("/api/account/email", { email });
    await session.refresh();
    toast(`We have written to ${email}: open the link in the letter.`);
  };
  const waiting = user.claimed_email;
  const isOwn = user.email_verified;
  replace(
    place,
    isOwn ? html`<p>${user.email} <span class="badge good">confirmed</span></p>` : null,
    waiting
      ? html`<div class="warning">
          <p>
            ${waiting} <span class="badge warn">not confirmed</span> Open the link in our letter, in this
            browser.
          </p>

          ${accountForm({ id: "again", fields: [], button: "Send the letter again", primary: false, send: () => ask({ email: waiting }) })}
        </div>`
      : null,
    isOwn || waiting
      ? html`<details>
          <summary>Use another address</summary>
          ${form(ask, "Write to this address")}
        </details>`
      : [
          html`<p>
            None yet. With one you get in without a wallet, and letters about your account reach you. Tickets
            are written about to the address that you give with each.
          </p>`,
          form(ask, "Add the address"),
        ],
  );
}

function form(ask, button) {
  return accountForm({
    id: "email",
    fields: [{ ...EMAIL, autocomplete: "email" }],
    button,
    primary: false,
    send: ask,
  });
}
