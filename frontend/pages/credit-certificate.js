import { get } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { creditNote } from "/static/components/public/credit-note.js";
import { facts } from "/static/components/public/words.js";
import { config } from "/static/config.js";
import { html, replace, styles, time } from "/static/html.js";
import { co2, count } from "/static/units.js";

export const title = "Certificate of retirement";

/** @param {Element} place */
export async function show(place, { params, signal }) {
  await styles("public");
  place.classList.add("public");
  replace(place, html`<h1>Certificate of retirement</h1>`, busy("Reading the carbon chain …"));
  try {
    const [{ certificate }, { carbon }] = await Promise.all([
      get(`/api/credits/certificates/${encodeURIComponent(params.number)}`, { signal }),
      config(),
    ]);
    replace(place, paper(certificate, carbon));
  } catch (refusal) {
    if (signal.aborted) return;
    const all = html`<a class="button" href="/credits">All retirements</a>`;
    replace(place, html`<h1>Certificate of retirement</h1>`, problem(refusal, { forward: all }));
  }
}

function paper(of, carbon) {
  const { number, micrograms, beneficiary, reason } = of;
  return html`<article class="certificate card">
    <h1>Certificate of retirement No. ${count(number)}</h1>
    <p class="amount">${co2(micrograms)} <small>(${count(micrograms)} µg)</small></p>
    <p>
      avoided by the work of EcoDML’s nodes in ${of.zone}, ${of.vintage}, against a baseline fixed before the
      work began, were used up for
      ever${beneficiary ? [" in the name of ", html`<strong>${beneficiary}</strong>`] : null}.
    </p>
    ${reason ? html`<blockquote>${reason}</blockquote>` : null}
    ${facts([
      ["Retired", time(of.retired_at)],
      ["By", html`<code>${of.holder}</code>`],
      ["Credits", html`<code>${of.id}</code>`],
      ["Transaction", html`<code>${of.tx}</code>`],
      [
        "Contract",
        carbon
          ? html`<code>${carbon.contracts.CarbonCredit?.address}</code> on chain ${carbon.chain_id}`
          : null,
      ],
    ])}
    <p class="note">
      Anybody can read it from the chain: <code>CarbonCredit.certificate(${number})</code>, or
      <code>ecodml credits show ${number}</code>.
    </p>
    ${creditNote()}
    <p class="ways">
      <button type="button" @click=${() => window.print()}>Print</button
      ><a class="button no-print" href="/credits">All retirements</a>
    </p>
  </article>`;
}
