import { html, table } from "/static/html.js";

/** @param {Record<string, {ok: boolean, detail: string}>} parts */
export function health(parts) {
  const rows = Object.entries(parts).map(([name, { ok, detail }]) => [
    name,
    html`<span class="badge ${ok ? "good" : "bad"}">${ok ? "well" : "not well"}</span>`,
    detail,
  ]);
  return table({ caption: "Parts of the system", head: ["Part", "State", "Detail"], rows });
}
