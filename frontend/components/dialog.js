import { html } from "/static/html.js";

/**
 * Ask before something that cannot be taken back.
 * @param {{title: string, text: any, confirm: string, cancel?: string, danger?: boolean}} asked
 * @returns {Promise<boolean>} whether it was confirmed; Escape is no
 */
export function confirmDialog({ title, text, confirm, cancel = "Not now", danger = false }) {
  return new Promise((done) => {
    const dialog = html`<dialog aria-labelledby="dialog-title">
      <form method="dialog">
        <h2 id="dialog-title">${title}</h2>
        <div class="text">${text}</div>
        <p class="ways">
          <button value="yes" class=${danger ? "danger" : "primary"}>${confirm}</button>
          <button value="no">${cancel}</button>
        </p>
      </form>
    </dialog>`;
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
