import { emailSection } from "/static/components/account/email.js";
import { passwordSection } from "/static/components/account/password.js";
import { sessionsSection } from "/static/components/account/sessions.js";
import { walletsSection } from "/static/components/account/wallets.js";
import { html, replace, styles } from "/static/html.js";
import { drawWhenChanged } from "/static/live.js";
import { navigate } from "/static/router.js";
import { session } from "/static/session.js";

export const title = "Account";

export async function show(place, { signal }) {
  styles("account");
  await session.ready;
  if (signal.aborted) return;
  if (session.user === null) return navigate("/sign-in?next=/account", { replace: true });
  const sections = [
    ["Wallets", walletsSection, ({ wallets, address }) => [wallets, address]],
    [
      "E-mail",
      emailSection,
      ({ email, email_verified, claimed_email }) => [email, email_verified, claimed_email],
    ],
    ["Password", passwordSection, ({ email, has_password }) => [email, has_password]],
    ["Sessions", sessionsSection, ({ id, address }) => [id, address]],
  ].map(([name, draw, depends]) => section(name, draw, depends, signal));
  replace(place, html`<h1>Your account</h1>`, html`<div class="account-page">${sections}</div>`);
  const redraw = () => {
    if (session.user === null) navigate("/sign-in?next=/account", { replace: true });
    else for (const each of sections) each.draw(session.user);
  };
  session.addEventListener("change", redraw, { signal });
  redraw();
}

function section(name, fill, depends, signal) {
  const content = html`<div></div>`;
  const heading = `account-${name.toLowerCase()}`;
  const place = html`<section class="card" aria-labelledby=${heading}>
    <h2 id=${heading}>${name}</h2>
    ${content}
  </section>`;
  const drawn = drawWhenChanged(content, () => fill(content, session.user, signal));
  return Object.assign(place, { draw: (user) => drawn(depends(user)) });
}
