import { get } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { html, replace, table } from "/static/html.js";
import { checkList, summary } from "./checks.js";
import { age, shareOf } from "./words.js";

const AGAIN_MS = 2000;
const UNDER_WAY = "answer.under_way";

/**
 * The audit of a job by this server, and the draw of its validators.
 * @param {string} job @param {AbortSignal} signal @param {(address: string) => any} nodeOf how a node is named
 * @returns {{audit: Element, draw: Element, load: () => Promise<object|null>}} `load` looks again; the refusal, if there is one
 */
export function jobAudit(job, signal, nodeOf) {
  const body = html`<div aria-live="polite"></div>`;
  const draw = html`<div></div>`;
  const again = html`<button type="button" @click=${() => load()}>Check again</button>`;
  const audit = html`<section class="card" aria-labelledby="audit-title">
    <h2 id="audit-title">Audit</h2>
    ${body}
    <details>
      <summary>Check it without trusting this server</summary>
      <p>
        This page shows what the server worked out from both chains, with the papers that it keeps. An auditor
        asks a node of the chain directly:
      </p>
      <pre tabindex="0"><code>ecodml audit ${job} --rpc URL_OF_A_NODE_OF_YOURS --deployments FILE</code></pre>
    </details>
    <p class="ways">${again}</p>
  </section>`;

  async function load() {
    again.disabled = true;
    replace(body, busy("Holding every promise against the chains …"));
    try {
      const told = await whenReady(`/api/jobs/${job}/audit`, signal);
      replace(
        body,
        summary(told.findings),
        html`<p class="note">
          The job is ${told.status} by chain ${told.chain_id} up to block ${told.block}; worked out
          ${age(told.age_seconds)}.
        </p>`,
        checkList(told.findings),
      );
      replace(draw, drawOf(told.candidates, nodeOf));
      return null;
    } catch (refusal) {
      if (signal.aborted) return null;
      replace(body, problem(refusal));
      replace(draw, html`<p>It is not known here who could be drawn.</p>`);
      return refusal;
    } finally {
      again.disabled = false;
    }
  }
  return { audit, draw, load };
}

/** An answer that may have to be worked out first. @param {string} path @param {AbortSignal} signal */
export async function whenReady(path, signal) {
  for (;;) {
    try {
      return await get(path, { signal });
    } catch (refusal) {
      if (refusal.code !== UNDER_WAY || signal.aborted) throw refusal;
    }
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
}

function drawOf(candidates, nodeOf) {
  if (candidates.length === 0) return html`<p>No validators were drawn.</p>`;
  const drawable = candidates.filter(({ barred }) => !barred);
  const total = drawable.reduce((sum, { weight }) => sum + BigInt(weight), 0n);
  const fate = ({ drawn, barred }) =>
    drawn ? "drawn" : barred ? "barred: at work on it, or its customer" : "not drawn";
  return table({
    caption: "Who could be drawn as validator, by deposit × rating",
    head: ["Node", { text: "Weight in the draw", numeric: true }, "Outcome"],
    rows: candidates.map((one) => [
      nodeOf(one.provider),
      one.barred ? "–" : shareOf(one.weight, total),
      html`<span class="badge ${one.drawn ? "good" : ""}">${fate(one)}</span>`,
    ]),
  });
}
