import { html } from "/static/html.js";

/** What leaves the customer's hands, said before anything is paid. @param {{trainers: number}} spec */
export function whatNodesSee({ trainers }) {
  return html`<section class="warning" aria-labelledby="sees-title">
    <h3 id="sees-title">What a node sees of your data</h3>
    <p>
      Your rows are dealt among ${trainers} trainers. <strong>A trainer sees the rows of its shard</strong>,
      in clear; a validator sees the shards whose segments it re-runs and the validation split. The test split
      never leaves the operator, who holds the whole file. Do not send what strangers must not read.
    </p>
  </section>`;
}
