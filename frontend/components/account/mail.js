import { html } from "/static/html.js";

/** A letter is on its way. @param {string} email @param {any} more what to do meanwhile, or if it does not come */
export function mailSent(email, more = null) {
  return html`<div class="done" role="status">
    <p><strong>Look into your mail.</strong> We have written to ${email}.</p>
    <p>It takes a minute at most. If nothing comes, look into the folder for unwanted mail.</p>
    ${more}
  </div>`;
}
