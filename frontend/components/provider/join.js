import { get, post } from "/static/api.js";
import { toast } from "/static/components/notice.js";
import { problem } from "/static/components/problem.js";
import { html, replace } from "/static/html.js";
import { drawWhenChanged, every } from "/static/live.js";
import { requireWallet } from "/static/wallet/connect-panel.js";
import { commandStep } from "./command.js";
import { machineCards } from "./machines.js";
import { isName } from "./node-words.js";

const MACHINES_EVERY_S = 2;
const LOOK_AFTER_MS = 300;

/**
 * Join in four steps: name and role, one command on the GPU machine, compare the code, pay the deposit.
 * @param {Element} place @param {{provider: string, purse: any, coin: string, changed: () => void, signal: AbortSignal}} about
 */
export async function join(place, about) {
  const kept = keptInvitation(about.provider);
  const command = html`<div>
    ${kept ? commandStep(kept) : html`<p class="note">Comes with the name.</p>`}
  </div>`;
  const machines = html`<div aria-live="polite"></div>`;
  const invited = (invitation) => {
    keep(invitation);
    replace(command, commandStep(invitation));
    command.closest("li").querySelector("h2").focus();
  };
  replace(
    place,
    html`<ol class="steps">
      <li class="card">
        <h2>Choose a name and a role</h2>
        ${form(kept, about, invited)}
      </li>
      <li class="card">
        <h2 tabindex="-1">Run one command on the GPU machine</h2>
        ${command}
      </li>
      <li class="card">
        <h2>Compare the code and pay the deposit</h2>
        ${requireWallet({ chain: "market", signal: about.signal })} ${machines}
      </li>
    </ol>`,
  );
  const card = machineCards(about);
  const draw = drawWhenChanged(machines, (waiting) =>
    replace(
      machines,
      waiting.length
        ? waiting.map(card)
        : html`<p class="note">No machine has asked yet. It appears here as soon as the command runs.</p>`,
    ),
  );
  const refresh = async () => {
    const told = await get("/api/provider/machines", { signal: about.signal });
    draw(told.machines.map(({ heard: _, ...machine }) => machine));
  };
  await every(MACHINES_EVERY_S, refresh, about.signal);
}

function form(kept, { signal }, invited) {
  const trouble = html`<div></div>`;
  const said = html`<p class="help" id="name-help" role="status">
    1 to 40 letters, digits, dots, dashes or underscores; nobody else's.
  </p>`;
  const name = html`<input
    id="node-name"
    name="name"
    required
    maxlength="40"
    autocomplete="off"
    spellcheck="false"
    aria-describedby="name-help"
    .value=${kept?.name ?? ""}
  />`;
  watchName(name, said, signal);
  const submit = async (event) => {
    event.preventDefault();
    const chosen = new FormData(event.currentTarget);
    replace(trouble);
    try {
      const invitation = await post("/api/provider/invitations", {
        name: chosen.get("name"),
        role: chosen.get("role"),
      });
      invited({ ...invitation, zone: chosen.get("zone").trim() });
      toast("The command is ready: run it on the GPU machine.");
    } catch (refusal) {
      replace(trouble, problem(refusal));
    }
  };
  const role = (value, title, text) =>
    html`<label
      ><input type="radio" name="role" value=${value} ?checked=${(kept?.role ?? "trainer") === value} />
      ${title} <span class="note">${text}</span></label
    >`;
  return html`<form @submit=${submit}>
    <div class="field"><label for="node-name">Name</label>${name}${said}</div>
    <fieldset>
      <legend>Role</legend>
      <p>
        ${role("trainer", "Trainer", "trains on customers' shards and is paid by what its work is worth")}
      </p>
      <p>${role("validator", "Validator", "re-runs parts of others' work and signs the verdicts")}</p>
    </fieldset>
    <div class="field">
      <label for="node-zone">Energy zone (optional)</label>
      <input
        id="node-zone"
        name="zone"
        maxlength="20"
        autocomplete="off"
        pattern="[A-Za-z0-9\\-]*"
        .value=${kept?.zone ?? ""}
      />
      <p class="help">
        As Electricity Maps writes it, such as ES or US-CAL-CISO; without it the world's average counts.
      </p>
    </div>
    ${trouble}
    <button class="primary">${kept ? "New command" : "Get the command"}</button>
  </form>`;
}

/** Says while it is typed whether a name can be had. */
function watchName(input, said, signal) {
  let timer;
  const tell = (text, isWrong) => {
    said.textContent = text;
    said.className = isWrong ? "wrong" : "help";
    input.setAttribute("aria-invalid", String(isWrong));
  };
  const look = async () => {
    const name = input.value;
    if (name === "") return;
    if (!isName(name)) {
      tell("A name has 1 to 40 letters, digits, dots, dashes or underscores.", true);
      return;
    }
    const { free } = await get(`/api/names/${encodeURIComponent(name)}`, { signal }).catch(() => ({
      free: null,
    }));
    if (input.value !== name || free === null) return;
    tell(free ? `${name} is free.` : `${name} is taken: choose another.`, !free);
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, LOOK_AFTER_MS);
  });
}

const keyOf = (provider) => `ecodml.invitation.${provider}`;

/** The invitation made last in this browser, while it is good. */
function keptInvitation(provider) {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(provider)));
    return kept && kept.until > Date.now() / 1000 ? kept : null;
  } catch {
    return null;
  }
}

function keep(invitation) {
  try {
    localStorage.setItem(keyOf(invitation.provider), JSON.stringify(invitation));
  } catch {
    // It holds until the page is loaded again.
  }
}
