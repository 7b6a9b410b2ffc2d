import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { html, replace } from "/static/html.js";

const MARKS = {
  ok: ["Follows", "good"],
  failed: ["Does not follow", "bad"],
  unknown: ["Not checkable", "warn"],
};

/**
 * What was checked here, what can be checked through the reader's wallet, and how to check everything without any of us.
 * @param {import("./receipt-check.js").Check[]} found @param {object} ticket @param {object[]} events
 */
export function checks(found, ticket, events) {
  const more = html`<div></div>`;
  const ask = async () => {
    replace(more, busy("Asking the chain through your wallet …"));
    const [{ chainChecks }, { plain }, { wallet }] = await Promise.all([
      import("./chain-check.js"),
      import("/static/wallet/plain.js"),
      import("/static/wallet/wallet.js"),
    ]);
    try {
      await wallet.ready;
      if (wallet.account === null) await wallet.connect();
      replace(more, checkList(await chainChecks(ticket, events)));
    } catch (error) {
      replace(more, problem(plain(error), { again: ask }));
    }
  };
  return html`<section id="checks" aria-labelledby="checks-title">
    <h2 id="checks-title">Check it yourself</h2>
    ${summary(found)} ${checkList(found)}
    <p class="no-print">
      <button type="button" id="ask-chain" @click=${ask}>Ask the chain through your wallet</button>
      <span class="note">Reads the escrow's record and events from your wallet's own node.</span>
    </p>
    ${more}
    <p>Without this page, and from the chain alone:</p>
    <pre><code>ecodml audit ${ticket.id}
ecodml audit ${ticket.job_id} --rpc URL --deployments FILE</code></pre>
    <p class="note">
      The checks above were made in your browser from what the server told of the ticket and the chains.
      Whoever does not believe the server about the chains asks a node of their own: by the wallet, or by
      <code>ecodml audit</code>.
    </p>
  </section>`;
}

function summary(found) {
  const wrong = found.filter(({ outcome }) => outcome === "failed");
  if (wrong.length)
    return html`<p class="problem" data-outcome="failed">
      Does not follow: ${wrong.map(({ name }) => name).join(", ")}. Do not rely on this ticket; audit the job
      from the chain.
    </p>`;
  const open = found.filter(({ outcome }) => outcome === "unknown").length;
  return html`<p class="done" data-outcome="ok">
    Everything that could be checked follows${open ? `; ${open} not checkable yet` : ""}.
  </p>`;
}

/** @param {import("./receipt-check.js").Check[]} found */
export function checkList(found) {
  return html`<ul class="checks">
    ${found.map(({ name, outcome, detail }) => {
      const [said, look] = MARKS[outcome];
      return html`<li data-outcome=${outcome}>
        <span><span class="badge ${look}">${said}</span></span> <strong>${name}</strong>
        <span class="detail">${detail}</span>
      </li>`;
    })}
  </ul>`;
}
