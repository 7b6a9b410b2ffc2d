import { html, replace } from "/static/html.js";
import { count } from "/static/units.js";

/** @typedef {import("/static/purchase/training-options.js").Option} Option */

/**
 * One option of the form: a number, a choice or a switch, with its help, unit and bounds.
 * @param {Option} option @param {{default: any, min?: number, max?: number, choices?: string[], own?: object}} bounds of GET /api/config
 * @param {any} value @param {(value: any) => void} changed not called with what is none
 * @returns {{place: Element, name: string, follow: (spec: object) => void, complain: (sentence: string|null) => void}}
 */
export function optionField(option, bounds, value, changed) {
  const id = `option-${option.name}`;
  const wrong = html`<span class="wrong" id="${id}-wrong"></span>`;
  const help = html`<span class="help" id="${id}-help">${option.help} ${range(bounds)}</span>`;
  const control = controlOf(option, bounds, value, id);
  control.setAttribute("aria-describedby", `${id}-help ${id}-wrong`);
  const complain = (sentence) => {
    replace(wrong, sentence);
    control.toggleAttribute("aria-invalid", false);
    if (sentence) control.setAttribute("aria-invalid", "true");
  };
  control.addEventListener("input", () => {
    const [read, sentence] = readFrom(control, option, bounds);
    complain(sentence);
    if (sentence === null) changed(read);
  });
  const place = isSwitch(bounds)
    ? html`<div class="field switch"><label for=${id}>${control} ${option.label}</label>${help}${wrong}</div>`
    : html`<div class="field">
        <label for=${id}>${option.label} ${option.unit ? html`<small>(${option.unit})</small>` : null}</label>
        ${control}${help}${wrong}
      </div>`;
  const follow = (spec) => {
    place.hidden = Boolean(option.when && !option.when(spec));
  };
  return { place, name: option.name, follow, complain };
}

function controlOf(option, bounds, value, id) {
  if (isSwitch(bounds)) return html`<input type="checkbox" id=${id} .checked=${value} />`;
  if (bounds.choices) {
    const words = option.words ?? {};
    return html`<select id=${id}>
      ${bounds.choices.map(
        (choice) =>
          html`<option value=${choice} ?selected=${choice === value}>${words[choice] ?? choice}</option>`,
      )}
    </select>`;
  }
  const mode = option.whole ? "numeric" : "decimal";
  return html`<input id=${id} inputmode=${mode} autocomplete="off" .value=${String(value)} />`;
}

function readFrom(control, option, bounds) {
  if (isSwitch(bounds)) return [control.checked, null];
  if (bounds.choices) return [control.value, null];
  const text = control.value.trim().replace(",", ".");
  const number = Number(text);
  if (text === "" || !Number.isFinite(number)) return [null, "Enter a number."];
  if (option.whole && !Number.isInteger(number)) return [null, "Enter a whole number."];
  const inside = number >= (bounds.min ?? 0) && number <= (bounds.max ?? Infinity);
  if (!inside && !(number === 0 && bounds.default === 0)) return [null, `Enter ${words(bounds)}.`];
  return [number, null];
}

function range(bounds) {
  if (bounds.min === undefined) return null;
  const own = Object.entries(bounds.own ?? {}).map(([name, rate]) => `${name} ${rate}`);
  const said = `${words(bounds)}${own.length ? ` (0 stands for ${own.join(", ")})` : ""}.`;
  return html`<span class="range">${said[0].toUpperCase() + said.slice(1)}</span>`;
}

function words({ min, max, default: usual }) {
  const zero = usual === 0 && min > 0 ? "0, or " : "";
  return `${zero}${min} to ${max > 9999 ? count(max) : max}`;
}

function isSwitch(bounds) {
  return typeof bounds.default === "boolean";
}
