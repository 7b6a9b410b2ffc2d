import { get, Refusal } from "/static/api.js";
import { busy } from "/static/components/busy.js";
import { problem } from "/static/components/problem.js";
import { checks } from "/static/components/ticket/checks.js";
import { eventList } from "/static/components/ticket/job-events.js";
import { namesOf, nodeLink } from "/static/components/ticket/names.js";
import { receiptDocument } from "/static/components/ticket/receipt-document.js";
import { receiptChecks } from "/static/components/ticket/receipt-check.js";
import { statusOf } from "/static/components/ticket/words.js";
import { html, replace, styles, table, time } from "/static/html.js";
import { session } from "/static/session.js";
import { coins, moment } from "/static/units.js";

export const title = "Receipt";

/** @param {Element} place */
export async function show(place, { params, query, signal }) {
  await Promise.all([styles("ticket"), session.ready]);
  const link = query.get("token");
  const suffix = link ? `?token=${encodeURIComponent(link)}` : "";
  const id = encodeURIComponent(params.id);
  replace(place, html`<h1>Receipt</h1>`, busy("Reading the ticket and both chains …"));
  const load = async () => {
    try {
      const { ticket } = await get(`/api/tickets/${id}${suffix}`, { signal });
      const told = await eventsOf(ticket.job_id, signal);
      const names = await get("/api/nodes", { signal }).then(
        ({ nodes }) => namesOf(nodes),
        () => new Map(),
      );
      await draw(place, { ticket, names, back: `/tickets/${id}${suffix}`, ...told });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      if (!signal.aborted)
        replace(place, html`<h1>Receipt</h1>`, problem(refusal, { again: load, forward: way(refusal) }));
    }
  };
  await load();
}

const way = ({ status }) => (status === 401 ? html`<a class="button" href="/sign-in">Sign in</a>` : null);

/** All events, asked for until there are no more; none for a job that was never paid. */
async function eventsOf(job, signal) {
  try {
    for (;;) {
      const said = await get(`/api/jobs/${job}/events`, { signal });
      if (said.complete) return { events: said.events, blocks: said.blocks };
    }
  } catch (refusal) {
    if (refusal.code === "job.unknown") return { events: [], blocks: {} };
    throw refusal;
  }
}

async function draw(place, { ticket, events, blocks, names, back }) {
  const found = await receiptChecks(ticket, events, await hashes());
  const { label, said, look } = statusOf(ticket.status);
  const save = () => download(receiptDocument({ ticket, events, blocks, checks: found }));
  replace(
    place,
    html`<article class="receipt">
      <header>
        <h1>Receipt for ticket <code>${ticket.id}</code></h1>
        <p><span class="badge ${look}" data-status=${ticket.status}>${label}</span> ${said}</p>
        <p class="ways no-print">
          <button type="button" id="print" @click=${() => window.print()}>Print</button>
          <button type="button" id="save" @click=${save}>Save as JSON</button>
          <a class="button" href=${back}>Back to the ticket</a>
        </p>
      </header>
      ${facts(ticket)} ${fee(ticket, names, events)} ${hashTable(ticket, events)} ${transactions(events)}
      ${checks(found, ticket, events)}
      <section aria-labelledby="events-title">
        <h2 id="events-title">Events on both chains</h2>
        ${
          events.length
            ? html`<p class="note">
                Read up to
                ${Object.entries(blocks)
                  .map(([chain, block]) => `block ${block} of the ${chain} chain`)
                  .join(" and ")}.
              </p>`
            : html`<p>There are none: the job was never paid.</p>`
        }
        ${eventList(events, names)}
      </section>
    </article>`,
  );
}

function facts(ticket) {
  const settled = ticket.timeline.at(-1);
  return html`<section aria-labelledby="facts-title">
    <h2 id="facts-title">The job</h2>
    <dl class="facts">
      <dt>Job on chain</dt>
      <dd class="whole">${ticket.job_id}</dd>
      <dt>Customer</dt>
      <dd class="whole">${ticket.customer}</dd>
      <dt>Reference</dt>
      <dd class="whole">${ticket.ref}</dd>
      <dt>Dataset</dt>
      <dd>${ticket.dataset.name}, ${ticket.dataset.rows} rows</dd>
      <dt>Model</dt>
      <dd>${ticket.spec.model}, ${ticket.spec.rounds} rounds, ${ticket.spec.trainers} trainers</dd>
      <dt>Ordered</dt>
      <dd>${time(ticket.timeline[0].at)}</dd>
      <dt>${statusOf(settled.status).label}</dt>
      <dd>${time(settled.at)}</dd>
    </dl>
  </section>`;
}

function fee(ticket, names, events) {
  const { verdict, pay, quote } = ticket;
  const end = events.find(({ name }) => name === "JobSettled");
  const commission = pay?.commission_wei ?? end?.args.commission;
  const rows = [
    ["Fee", "the data's part", coins(quote.data_wei)],
    ["Fee", "the computing's part", coins(quote.compute_wei)],
    ["Fee", "whole, as quoted", coins(ticket.fee_wei)],
    ...(verdict?.payees ?? []).map((payee, index) => [
      "Paid",
      html`<span>to ${nodeLink(payee, names)} <span class="whole">${payee}</span></span>`,
      coins(verdict.amounts_wei[index]),
    ]),
    ...(commission ? [["Paid", "commission of the market", coins(commission)]] : []),
    ...(ticket.refund_wei
      ? [
          [
            "Refunded",
            html`<span>to the customer <span class="whole">${ticket.customer}</span></span>`,
            coins(ticket.refund_wei),
          ],
        ]
      : []),
    ...Object.entries(ticket.slashed ?? {}).map(([culprit, wei]) => [
      "Slashed",
      html`<span>deposit of ${nodeLink(culprit, names)} <span class="whole">${culprit}</span></span>`,
      coins(wei, "native coin"),
    ]),
  ];
  return html`<section aria-labelledby="money-title">
    <h2 id="money-title">Money</h2>
    ${table({ caption: "Where the fee came from and went", head: ["Kind", "What", { text: "Amount", numeric: true }], rows })}
  </section>`;
}

function hashTable(ticket, events) {
  const end = events.find(({ name }) => name in { JobSettled: 1, JobSettledByRoot: 1, JobFailed: 1 });
  const opened = events.find(({ name }) => name === "JobOpened");
  const rows = [
    ["Dataset, SHA-256", ticket.dataset.sha256, where(opened)],
    ["Specification, SHA-256 of its canonical JSON", bare(opened?.args.specHash), where(opened)],
    ...(ticket.decision
      ? [
          [
            "Decision about the nodes",
            ticket.decision.hash,
            ticket.baseline ? "the job's baseline on the carbon chain" : "–",
          ],
        ]
      : []),
    ...ticket.rounds.map(({ number, root }) => [
      `Round ${number}, root of the commitments`,
      root,
      where(events.find(({ name, args }) => name === "RoundRecorded" && args.round === String(number))),
    ]),
    ...(ticket.verdict
      ? [
          ...(ticket.verdict.outcome === "settle"
            ? [["Model, SHA-256 of its weights", ticket.verdict.result_sha256, where(end)]]
            : []),
          ["Verdict, hash of the signed reports", ticket.verdict.evidence_hash, where(end)],
        ]
      : []),
    ...(ticket.epoch
      ? [
          [
            "Epoch of the energy ledger",
            bare(ticket.epoch.hash),
            `epoch ${ticket.epoch.index} on the carbon chain`,
          ],
        ]
      : []),
  ].filter(([, hash]) => hash);
  return html`<section aria-labelledby="hashes-title">
    <h2 id="hashes-title">Hashes</h2>
    ${table({
      caption: "What the job is pinned to, and where that stands",
      head: ["Of", "Hash", "On chain in"],
      rows: rows.map(([name, hash, at]) => [name, html`<span class="whole">${hash}</span>`, at]),
    })}
  </section>`;
}

const bare = (hash) => hash?.replace(/^0x/, "");
const where = (event) => (event ? html`<span>${event.name}, block ${event.block}</span>` : "not yet");

function transactions(events) {
  const seen = new Map();
  for (const event of events) {
    const one = seen.get(event.tx) ?? { ...event, names: [] };
    one.names.push(event.name);
    seen.set(event.tx, one);
  }
  if (seen.size === 0) return null;
  return html`<section aria-labelledby="transactions-title">
    <h2 id="transactions-title">Transactions</h2>
    ${table({
      caption: "In the order in which they happened",
      head: ["Time", "Chain", "What", { text: "Block", numeric: true }, "Transaction"],
      rows: [...seen.values()].map(({ at, chain, names, block, tx }) => [
        moment(at),
        chain,
        names.join(", "),
        String(block),
        html`<span class="whole">${tx}</span>`,
      ]),
    })}
  </section>`;
}

async function hashes() {
  const [{ sha256 }, { keccak_256: keccak }, { bytesToHex }] = await Promise.all([
    import("/vendor/noble/sha2.js"),
    import("/vendor/noble/sha3.js"),
    import("/vendor/noble/utils.js"),
  ]);
  return { sha256: (bytes) => bytesToHex(sha256(bytes)), keccak256: (bytes) => bytesToHex(keccak(bytes)) };
}

function download(document_) {
  const link = html`<a download="receipt-${document_.ticket}.json"></a>`;
  link.href = URL.createObjectURL(
    new Blob([JSON.stringify(document_, null, 2)], { type: "application/json" }),
  );
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
