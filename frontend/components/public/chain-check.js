import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { html, replace } from "/static/html.js";
import { co2 } from "/static/units.js";
import { reader } from "/static/wallet/contracts.js";
import { connectPanel } from "/static/wallet/connect-panel.js";
import { plain } from "/static/wallet/transactions.js";

const VERIFIER = [
  "function verify(uint256 bound, uint256 commitment, uint256 factors, uint256[8] proof) view returns (bool)",
];

/**
 * The same checks through the reader's own wallet and its node: this server is not asked about any of it.
 * @param {string} job @param {AbortSignal} signal
 */
export function chainCheck(job, signal) {
  const found = html`<div aria-live="polite"></div>`;
  const run = async () => {
    replace(found, busy("Your wallet’s node is being asked …"));
    try {
      const checks = await checksOf(job);
      replace(
        found,
        html`<ul class="checks">
          ${checks.map(
            ([what, ok]) =>
              html`<li class="check" data-outcome=${ok ? "ok" : "failed"}>
                <span class="badge ${ok ? "good" : "bad"}">${ok ? "✓ Holds" : "✗ Does not hold"}</span>
                <p>${what}</p>
              </li>`,
          )}
        </ul>`,
      );
    } catch (error) {
      replace(found, problem(error.code === "certificate.none" ? error : plain(error), { again: run }));
    }
  };
  return html`<section class="card" aria-labelledby="own-title">
    <h2 id="own-title">What your own wallet finds</h2>
    <p>
      Without believing this server: your wallet’s node reads the certificate, its transaction, the epoch and
      the verifier. (The factors’ commitment is a Poseidon hash; <code>ecodml certificate verify</code> checks
      that too.)
    </p>
    ${connectPanel({
      needsSession: false,
      signal,
      then: () =>
        html`<p class="ways"><button type="button" @click=${run}>Check through my wallet</button></p>`,
    })}
    ${found}
  </section>`;
}

/** @param {string} job @returns {Promise<[string, boolean][]>} */
async function checksOf(job) {
  const { ethers } = await import("/static/wallet/contracts.js");
  const [library, certificates, ledger] = [
    await ethers(),
    await reader("GreenCertificate"),
    await reader("EnergyLedger"),
  ];
  const kept = await certificates.certificateOf(job);
  if (kept.certifiedAt === 0n)
    throw { code: "certificate.none", message: "The carbon chain keeps no certificate of this job." };
  const [brought] = (await certificates.queryFilter(certificates.filters.Certified(job))).slice(-1);
  const transaction = await brought.getTransaction();
  const said = certificates.interface.parseTransaction({ data: transaction.data }).args;
  const [sealed] = await ledger.queryFilter(ledger.filters.EpochSealed(kept.epochIndex));
  const isThere = sealed?.args.jobs.some((of) => same(of, said.summary)) ?? false;
  const verifier = new library.Contract(
    await certificates.verifierOf(said.size),
    VERIFIER,
    certificates.runner,
  );
  const isProven = await verifier.verify(said.bound, BigInt(said.summary.commitment), said.factors, [
    ...said.proof,
  ]);
  return [
    [`The chain keeps a certificate of at most ${co2(Number(kept.bound))}.`, true],
    [
      "Its transaction is about this job and this bound.",
      said.summary.job === job && said.bound === kept.bound,
    ],
    [`The job’s summary stands in epoch ${kept.epochIndex} of the energy ledger.`, isThere],
    [`Epoch ${kept.epochIndex} is final.`, await ledger.isFinal(kept.epochIndex)],
    ["The verifier accepts the proof for this bound.", isProven],
  ];
}

const same = (one, other) =>
  ["job", "readings", "millijoules", "micrograms", "commitment"].every((name) => one[name] === other[name]);
