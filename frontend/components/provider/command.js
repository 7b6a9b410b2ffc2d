import { announce } from "/static/components/notice.js";
import { html, time } from "/static/html.js";
import { attachCommand } from "./node-words.js";

const INSTALL =
  "git clone ADDRESS-OF-THE-REPOSITORY ecodml && cd ecodml && make install && . .venv/bin/activate";

/** What to type on the GPU machine. @param {any} invitation of `POST /api/provider/invitations`, with the zone */
export function commandStep(invitation) {
  return html`<div>
    ${copyable("command-line", attachCommand({ ...invitation, api: location.origin }))}
    <p class="note">
      It makes the machine's own key, which never leaves it; your wallet's key is not needed there. The
      invitation inside is good until ${time(invitation.until)} and can only ask. Run again later, for
      instance as a service, the same command just starts the node.
    </p>
    <details>
      <summary>On a fresh machine, first</summary>
      <p>
        Debian or Ubuntu (x86-64) with git, make, python3.11 and node 20; a GPU is used where TensorFlow finds
        one.
      </p>
      ${copyable("install-line", INSTALL)}
    </details>
  </div>`;
}

/** How to start a node again. @param {string} name */
export function offlineHint(name) {
  return html`<div class="warning">
    <p>Start its machine again; the command it joined with does the same.</p>
    ${copyable("run-line", `ecodml node run --home ~/.ecodml/${name}`)}
  </div>`;
}

function copyable(id, text) {
  const copy = async (event) => {
    const button = event.currentTarget;
    await navigator.clipboard?.writeText(text);
    button.textContent = "Copied";
    announce("Copied");
    setTimeout(() => (button.textContent = "Copy"), 1500);
  };
  return html`<div class="command">
    <pre id=${id} tabindex="0">${text}</pre>
    <button type="button" @click=${copy}>Copy</button>
  </div>`;
}
