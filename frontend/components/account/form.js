import { Refusal } from "/static/api.js";
import { problem } from "/static/components/problem.js";
import { html, replace } from "/static/html.js";

/**
 * @typedef {{name: string, label: string, type: string, autocomplete: string, help?: string, value?: string, optional?: boolean,
 *   codes?: string[]}} Field `codes` are the refusals that are about this field: each by its beginning
 */

export const EMAIL = {
  name: "email",
  label: "E-mail address",
  type: "email",
  autocomplete: "username",
  codes: ["email."],
};
export const NEW_PASSWORD = {
  name: "password",
  label: "New password",
  type: "password",
  autocomplete: "new-password",
  help: "10 characters or more; a few words are easy to keep in mind and hard to guess.",
  codes: ["password."],
};
export const PASSWORD = {
  name: "password",
  label: "Password",
  type: "password",
  autocomplete: "current-password",
};

/**
 * A form that sends once at a time, says what was refused beside the field it is about, and puts the focus there.
 * @param {object} parts
 * @param {string} parts.id starts the ids of its fields
 * @param {Field[]} parts.fields
 * @param {string} parts.button
 * @param {(said: Record<string, string>) => Promise<any>} parts.send what it throws is shown
 * @param {boolean} [parts.primary]
 * @param {(refusal: Refusal) => any} [parts.forward] a way forward for a refusal that is about no field
 */
export function accountForm({ id, fields, button, send, primary = true, forward = () => null }) {
  const trouble = html`<div></div>`;
  const drawn = fields.map((field) => drawField(id, field));
  const submit = html`<button class=${primary ? "primary" : null}>${button}</button>`;
  const onSubmit = async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    replace(trouble);
    for (const each of drawn) each.wrong(null);
    if (!checked(drawn)) return;
    submit.disabled = true;
    form.setAttribute("aria-busy", "true");
    try {
      await send(Object.fromEntries(drawn.map(({ field, input }) => [field.name, input.value])));
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof Refusal) && !error.code) console.error(error);
      show(error, drawn, trouble, forward);
    } finally {
      submit.disabled = false;
      form.removeAttribute("aria-busy");
    }
  };
  const form = html`<form class="account-form" novalidate @submit=${onSubmit}>
    ${drawn.map(({ place }) => place)} ${trouble}
    <p class="ways">${submit}</p>
  </form>`;
  return form;
}

function show(error, drawn, trouble, forward) {
  const about = drawn.find(({ field }) => field.codes?.some((code) => error.code?.startsWith(code)));
  if (about) {
    about.wrong(error.message);
    about.input.focus();
  } else {
    replace(trouble, problem(error, { forward: forward(error) }));
  }
}

/** What the browser itself sees is missing, in words beside the field. */
function checked(drawn) {
  const bad = drawn.filter(({ input }) => !input.checkValidity());
  for (const { input, wrong } of bad) {
    const isEmpty = input.validity.valueMissing;
    wrong(isEmpty ? "This is needed." : "That is not an e-mail address.");
  }
  bad[0]?.input.focus();
  return bad.length === 0;
}

function drawField(form, field) {
  const id = `${form}-${field.name}`;
  const wrong = html`<span class="wrong" id="${id}-wrong" hidden></span>`;
  const input = html`<input
    id=${id}
    name=${field.name}
    type=${field.type}
    autocomplete=${field.autocomplete}
    spellcheck="false"
    autocapitalize="none"
    maxlength=${field.type === "email" ? 254 : 400}
    aria-describedby="${id}-help ${id}-wrong"
    ?required=${!field.optional}
    .value=${field.value ?? ""}
  />`;
  const place = html`<div class="field">
    <label for=${id}>${field.label}</label>
    ${field.type === "password" ? withSight(input, field.label) : input}
    <span class="help" id="${id}-help">${field.help ?? ""}</span>
    ${wrong}
  </div>`;
  const say = (sentence) => {
    replace(wrong, sentence ?? "");
    wrong.hidden = sentence === null;
    if (sentence === null) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
  };
  return { field, input, place, wrong: say };
}

/** A password that its owner may look at while typing. */
function withSight(input, label) {
  const toggle = (event) => {
    const isShown = input.type === "password";
    input.type = isShown ? "text" : "password";
    event.currentTarget.setAttribute("aria-pressed", String(isShown));
    event.currentTarget.textContent = isShown ? "Hide" : "Show";
  };
  return html`<span class="secret"
    >${input}<button
      type="button"
      class="icon"
      aria-pressed="false"
      aria-label="Show ${label.toLowerCase()}"
      @click=${toggle}
    >
      Show
    </button></span
  >`;
}
