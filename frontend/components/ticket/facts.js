import { html, short, time } from "/static/html.js";
import { bytes, coins, count } from "/static/units.js";
import { section } from "./section.js";

/** What was asked for: the dataset, the model and its training, the price. */
export function facts() {
  return section({
    id: "facts",
    title: "What was ordered",
    pick: ({ dataset, spec, quote, fee_wei: fee, deadline, job_id: job, customer }) => ({
      dataset,
      spec,
      quote,
      fee,
      deadline,
      job,
      customer,
    }),
    draw: ({ dataset, spec, quote, fee, deadline, job, customer }) => [
      html`<dl class="facts">
        <dt>Dataset</dt>
        <dd>
          ${dataset.name}: ${count(dataset.rows)} rows, ${count(dataset.columns)} columns,
          ${dataset.classes.length} classes, ${bytes(dataset.size)}
        </dd>
        <dt>Its SHA-256</dt>
        <dd>${short(dataset.sha256)}</dd>
        <dt>Model</dt>
        <dd>
          ${spec.model}, ${spec.optimizer}, learning rate ${spec.learning_rate}, batches of ${spec.batch_size}
        </dd>
        <dt>Training</dt>
        <dd>
          ${spec.rounds} rounds of ${spec.local_epochs} passes at ${spec.trainers} trainers, aggregation
          ${spec.aggregation.replaceAll("_", " ")}
        </dd>
        <dt>Fee</dt>
        <dd>
          ${coins(fee)} = ${coins(quote.data_wei)} for the data + ${coins(quote.compute_wei)} for
          computing${floor(quote, fee)}
        </dd>
        <dt>Deadline</dt>
        <dd>${time(deadline)}; whoever has not delivered by then is not paid, and the fee goes back</dd>
        <dt>Published</dt>
        <dd>${spec.publish ? "Yes: anyone may have the model and its figures once it is settled" : "No"}</dd>
        <dt>Customer</dt>
        <dd>${short(customer)}</dd>
        <dt>Job on chain</dt>
        <dd>${short(job)} · <a href="/jobs/${job}">audit it</a></dd>
      </dl>`,
    ],
  });
}

const floor = (quote, fee) =>
  BigInt(quote.data_wei) + BigInt(quote.compute_wei) < BigInt(fee) ? ", raised to the smallest fee" : "";
