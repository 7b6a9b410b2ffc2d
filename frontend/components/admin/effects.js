import { post } from "/static/api.js";
import { empty } from "/static/components/empty.js";
import { problem } from "/static/components/problem.js";
import { toast } from "/static/components/notice.js";
import { html, table, time } from "/static/html.js";
import { count } from "/static/units.js";

/** @param {object[]} effects given up or tried in vain @param {() => Promise<void>} refresh */
export function troubled(effects, refresh) {
  const rows = effects.map((effect) => [
    html`<code>${effect.key}</code>`,
    effect.state === "failed"
      ? html`<span class="badge bad">given up</span>`
      : html`<span class="badge warn">again ${time(effect.not_before)}</span>`,
    count(effect.attempts),
    effect.why,
    effect.state === "failed" ? again(effect.key, refresh) : "",
  ]);
  return table({
    caption: "Transactions and letters that wait",
    head: ["Effect", "State", { text: "Attempts", numeric: true }, "Why", ""],
    rows,
    empty: empty("Every transaction and every letter went through."),
  });
}

function again(key, refresh) {
  const retry = async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      await post("/api/admin/effects/retry", { key });
      toast("It is tried again.");
      await refresh();
    } catch (refusal) {
      button.replaceWith(problem(refusal));
    }
  };
  return html`<button type="button" @click=${retry}>Try again</button>`;
}
