import { get } from "/static/api.js";
import { problem } from "/static/components/problem.js";
import { html, replace, time } from "/static/html.js";
import { contract } from "/static/wallet/contracts.js";
import { Transaction, transactionButton } from "/static/wallet/transactions.js";
import { jobLink } from "./jobs.js";

const ARBITRATION_DAYS = 30;
const NO_REASON = "0x" + "0".repeat(64);

/**
 * What verdicts accuse the node of, with the evidence, what happens when, and the way to contest.
 * @param {{provider: string, changed: () => void}} about
 * @returns {(accusation: any) => Element} draws one of `GET /api/provider`; the same element for the same accusation and state
 */
export function accusationCards({ provider, changed }) {
  const drawn = new Map();
  return (accusation) => {
    const isOpen = accusation.state === "named" && Date.now() / 1000 < accusation.contest_until;
    const key = `${accusation.job_id} ${accusation.state} ${isOpen}`;
    if (!drawn.has(key)) drawn.set(key, card(accusation, isOpen, { provider, changed }));
    return drawn.get(key);
  };
}

function card(accusation, isOpen, { provider, changed }) {
  return html`<article class="card">
    <h3>Job ${jobLink(accusation.job_id)}</h3>
    <p>${fate(accusation, isOpen)}</p>
    ${evidence(accusation)} ${isOpen ? contestForm(accusation, provider, changed) : null}
  </article>`;
}

function fate({ state, contest_until: until }, isOpen) {
  const silence = time(until + ARBITRATION_DAYS * 86_400);
  switch (state) {
    case "named":
      return isOpen
        ? html`A quorum of validators re-ran your node's work and signed that it does not follow. Until
          ${time(until)} you can contest; without that anyone may carry out the slash: the whole deposit goes
          to the honest nodes, and wallet and machine key are banned for life.`
        : html`The time to contest ended ${time(until)}: the slash is carried out next.`;
    case "contested":
      return html`You contested. The arbiter decides; nothing is slashed before. If the arbiter stays silent
      until ${silence}, the deposit is free again.`;
    case "guilty":
      return "The arbiter found the node guilty: the slash is carried out next.";
    case "acquitted":
      return "Acquitted: this accusation costs the node nothing.";
    default:
      return "The deposit was taken and divided among the honest nodes; wallet and machine key are banned for life.";
  }
}

function evidence({ job_id: job, bundle }) {
  const place = html`<div></div>`;
  const fetched = async () => {
    try {
      const { bundles } = await get(`/api/jobs/${job}/evidence`);
      const links = bundles.map(
        ({ url, culprit }) =>
          html`<a class="button" href=${url} download="evidence-${culprit}.tar">Download the evidence</a>`,
      );
      replace(place, html`<p class="ways">${links}</p>`);
    } catch (refusal) {
      replace(place, problem(refusal, { again: fetched }));
    }
  };
  return html`<div>
    <p class="note">
      The evidence can be replayed by anyone with
      <code>ecodml verify</code>${bundle ? html`; its id is <code>${bundle.slice(0, 16)}…</code>` : ""}.
    </p>
    <p class="ways"><button type="button" @click=${fetched}>Get the evidence</button></p>
    ${place}
  </div>`;
}

function contestForm({ job_id: job }, provider, changed) {
  const id = `reason-${job.slice(2, 10)}`;
  const text = html`<textarea id=${id} rows="3"></textarea>`;
  const tx = new Transaction({ key: `provider:contest:${job}:${provider}`, label: "Contest the accusation" });
  const call = async () => (await contract("JobEscrow")).contest(job, await reasonHash(text.value));
  return html`<div class="field">
    <label for=${id}>Why it is wrong (optional)</label>
    ${text}
    <p class="help">
      Only its SHA-256 goes on chain: keep the text and give it to the arbiter. Contesting costs the network
      fee alone.
    </p>
    ${transactionButton(tx, { text: "Contest", call, then: changed })}
  </div>`;
}

async function reasonHash(text) {
  if (text === "") return NO_REASON;
  const { sha256 } = await import("/vendor/noble/sha2.js");
  const digest = sha256(new TextEncoder().encode(text));
  return "0x" + [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
