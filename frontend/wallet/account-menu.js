import { html, replace } from "/static/html.js";
import { session } from "/static/session.js";

/** Who is signed in, at the end of the header. @param {Element} place */
export async function accountMenu(place) {
  const draw = () => {
    const user = session.user;
    replace(
      place,
      user
        ? html`<a class="button" href="/account">${user.email ?? user.address}</a>`
        : html`<a class="button" href="/sign-in">Sign in</a>`,
    );
  };
  session.addEventListener("change", draw);
  await session.ready;
  draw();
}
