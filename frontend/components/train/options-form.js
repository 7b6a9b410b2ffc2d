import { html } from "/static/html.js";
import { ADVANCED, BASIC, MODELS, specificationOf, SWITCHES } from "/static/purchase/training-options.js";
import { duration } from "/static/units.js";
import { optionField } from "/static/components/train/option-field.js";

const DRAFT = "ecodml.draft";
const PRICED_LATER = /^spec\.(\w+)$/;
const UNITS = [
  ["minutes", 60],
  ["hours", 3600],
  ["days", 86_400],
];

/**
 * What the customer chooses, with good defaults; what is rarely needed is folded away.
 * @param {{config: object, trainersOnline: number|null, changed: () => void}} asked `config` of GET /api/config; `trainersOnline`:
 *   how many nodes could train now
 * @returns {{place: Element, asked: () => {spec: object, deadline_seconds: number, email: string|null}|null,
 *   refused: (refusal: {code: string, message: string}|null) => void, target: (name: string|null) => void}} `asked` is null while
 *   something cannot be read; `refused` shows the API's refusal beside the field it names
 */
export function optionsForm({ config, trainersOnline, changed }) {
  const bounds = config.options;
  const values = { ...defaults(bounds, trainersOnline), ...remembered(bounds) };
  const fields = new Map();
  const told = () => {
    for (const field of fields.values()) field.follow(values);
    keep(values);
    changed();
  };
  const fieldOf = (option) => {
    const field = optionField(option, bounds[option.name], values[option.name], (value) => {
      values[option.name] = value;
    });
    fields.set(option.name, field);
    field.follow(values);
    return field.place;
  };
  // Each field has taken its own input when the form hears of it.
  const form = html`<form class="options" @input=${told} @submit=${(event) => event.preventDefault()}>
    ${modelField(values, told)}
    <div class="fields">${BASIC.map(fieldOf)} ${deadlineField(config.limits, values)}</div>
    ${mailField(values)} ${SWITCHES.map(fieldOf)}
    <details class="advanced">
      <summary>Advanced: nodes, aggregation, privacy, energy, checking</summary>
      ${ADVANCED.map(
        ({ title, about, options }) =>
          html`<fieldset>
            <legend>${title}</legend>
            ${about ? html`<p class="note">${about}</p>` : null}
            <div class="fields">${options.map(fieldOf)}</div>
          </fieldset>`,
      )}
    </details>
  </form>`;
  return {
    place: form,
    asked() {
      if (form.querySelector('[aria-invalid="true"]')) return null;
      const spec = specificationOf(values, bounds);
      return { spec, deadline_seconds: values.deadline, email: values.email || null };
    },
    refused(refusal) {
      const named = PRICED_LATER.exec(refusal?.code ?? "")?.[1];
      for (const field of fields.values()) {
        if (field.name === named) field.complain(refusal.message);
      }
      const place = named && fields.get(named)?.place;
      if (place) place.closest("details")?.setAttribute("open", "");
      return Boolean(place);
    },
    target(name) {
      values.target = name;
    },
  };
}

function modelField(values, told) {
  const json = html`<textarea
    id="keras-json"
    rows="5"
    spellcheck="false"
    placeholder='{"class_name": "Sequential", ...}'
    .value=${values.keras_json ?? ""}
  ></textarea>`;
  const file = html`<input type="file" id="keras-file" accept=".json,application/json" />`;
  const own = html`<div class="field" ?hidden=${values.model !== "custom"}>
    <label for="keras-json">Keras JSON</label>
    ${json}
    <label for="keras-file">or from a file</label>
    ${file}
    <span class="help"
      >As <code>model.to_json()</code> writes it; plain layers only, checked before you pay.</span
    >
  </div>`;
  json.addEventListener("input", () => {
    values.keras_json = json.value;
  });
  file.addEventListener("change", async () => {
    json.value = values.keras_json = (await file.files[0]?.text()) ?? "";
    told();
  });
  const select = html`<select id="option-model">
    ${Object.entries(MODELS).map(
      ([name, words]) => html`<option value=${name} ?selected=${name === values.model}>${words}</option>`,
    )}
  </select>`;
  select.addEventListener("input", () => {
    values.model = select.value;
    own.hidden = values.model !== "custom";
  });
  return html`<div>
    <div class="field wide"><label for="option-model">Model</label>${select}</div>
    ${own}
  </div>`;
}

function deadlineField(limits, values) {
  const { minimum_deadline_seconds: least, maximum_deadline_seconds: most } = limits;
  values.deadline ??= limits.default_deadline_seconds;
  const [unit, size] = UNITS.findLast(([, seconds]) => values.deadline % seconds === 0) ?? UNITS[0];
  const amount = html`<input id="deadline" inputmode="decimal" .value=${String(values.deadline / size)} />`;
  const units = html`<select id="deadline-unit" aria-label="Unit of the deadline">
    ${UNITS.map(([name]) => html`<option ?selected=${name === unit}>${name}</option>`)}
  </select>`;
  const wrong = html`<span class="wrong" id="deadline-wrong"></span>`;
  const read = () => {
    const seconds = Math.round(
      Number(amount.value.replace(",", ".")) * Object.fromEntries(UNITS)[units.value],
    );
    const fits = seconds >= least && seconds <= most;
    wrong.textContent = fits ? "" : `Enter ${duration(least)} to ${duration(most)}.`;
    amount.toggleAttribute("aria-invalid", false);
    if (!fits) amount.setAttribute("aria-invalid", "true");
    else values.deadline = seconds;
  };
  amount.addEventListener("input", read);
  units.addEventListener("input", read);
  amount.setAttribute("aria-describedby", "deadline-help deadline-wrong");
  return html`<div class="field">
    <label for="deadline">Deadline</label>
    <span class="amount">${amount}${units}</span>
    <span class="help" id="deadline-help"
      >If the job has not ended by then, you can take the whole fee back, without anybody's help.</span
    >${wrong}
  </div>`;
}

function mailField(values) {
  const input = html`<input id="email" type="email" autocomplete="email" .value=${values.email ?? ""} />`;
  input.addEventListener("input", () => {
    input.toggleAttribute("aria-invalid", false);
    if (!input.validity.valid) input.setAttribute("aria-invalid", "true");
    else values.email = input.value.trim();
  });
  return html`<div class="field">
    <label for="email">E-mail for letters <small>(may stay empty)</small></label>
    ${input}<span class="help"
      >Links to the ticket and the model, and what happens to the fee; for this job only.</span
    >
  </div>`;
}

function defaults(bounds, trainersOnline) {
  const values = Object.fromEntries(
    Object.entries(bounds).map(([name, { default: usual }]) => [name, usual]),
  );
  const { min, default: usual } = bounds.trainers;
  if (trainersOnline !== null) values.trainers = Math.max(min, Math.min(usual, trainersOnline));
  return values;
}

function remembered(bounds) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(DRAFT)) ?? {};
    const known = Object.keys(kept).filter((name) => name in bounds);
    const { keras_json = "", deadline, email = "" } = kept;
    return { ...Object.fromEntries(known.map((name) => [name, kept[name]])), keras_json, deadline, email };
  } catch {
    return {};
  }
}

function keep(values) {
  try {
    sessionStorage.setItem(DRAFT, JSON.stringify(values));
  } catch {
    // The form is then filled in anew after a reload.
  }
}
