/**
 * A receipt as one document, to be kept: everything that pins the job down, and what was found when it was checked.
 * @param {{ticket: object, events: object[], blocks: object, checks: object[]}} of
 */
export function receiptDocument({ ticket, events, blocks, checks }) {
  const { verdict } = ticket;
  return {
    format: "ecodml-receipt/1",
    ticket: ticket.id,
    job_id: ticket.job_id,
    customer: ticket.customer,
    ref: ticket.ref,
    status: ticket.status,
    timeline: ticket.timeline,
    dataset: ticket.dataset,
    spec: ticket.spec,
    fee: {
      ...ticket.quote,
      commission_wei: ticket.pay?.commission_wei ?? null,
      refund_wei: ticket.refund_wei,
    },
    hashes: {
      dataset: ticket.dataset.sha256,
      decision: ticket.decision?.hash ?? null,
      rounds: ticket.rounds.map(({ number, root, model_sha256: model }) => ({ number, root, model })),
      result: verdict?.result_sha256 ?? null,
      evidence: verdict?.evidence_hash ?? null,
      epoch: ticket.epoch,
    },
    verdict,
    pay: ticket.pay,
    slashed: ticket.slashed,
    carbon: ticket.carbon,
    certificate: ticket.certificate,
    transactions: [...new Set([...ticket.transactions, ...events.map(({ tx }) => tx)])],
    events,
    read_up_to: blocks,
    checks,
    written_at: Math.floor(Date.now() / 1000),
  };
}
