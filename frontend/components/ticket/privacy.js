import { html } from "/static/html.js";
import { section } from "./section.js";

/** Who sees the data, and what differential privacy promises where it was asked for. */
export function privacy() {
  return section({
    id: "privacy",
    title: "Privacy",
    pick: (ticket) => ({
      spent: ticket.privacy,
      noise: ticket.spec.privacy_noise,
      clip: ticket.spec.privacy_clip,
      delta: ticket.spec.privacy_delta,
      trainers: ticket.spec.trainers,
    }),
    draw: ({ spent, noise, clip, delta, trainers }) => [
      html`<p>
        Each of the ${trainers} trainers sees its own shard of the rows, validators see the segments they
        re-run and a validation part, and the operator has the whole file.
      </p>`,
      noise ? promise(spent, noise, clip, delta) : html`<p>Differential privacy was not asked for.</p>`,
    ],
  });
}

function promise(spent, noise, clip, delta) {
  if (!spent)
    return html`<p>
      Differential privacy is on (noise ${noise} times a clip of ${clip}, δ ${delta}); what it promises is
      known once the first round is closed.
    </p>`;
  return html`<div>
    <dl class="figures">
      <div>
        <dt>ε for a node's whole shard</dt>
        <dd>${spent.epsilon.toPrecision(4)}</dd>
        <dd class="note">at δ ${spent.delta}, after ${spent.rounds} rounds</dd>
      </div>
      <div>
        <dt>ε for one row</dt>
        <dd>${spent.row_epsilon.toPrecision(4)}</dd>
        <dd class="note">noise ${spent.noise_multiplier} × clip ${Number(spent.clip).toPrecision(4)}</dd>
      </div>
    </dl>
    <p>${inWords(spent.row_epsilon, spent.delta)}</p>
    <p class="note">
      This speaks of the model's weights only; preprocessing, metrics and what validators see are outside of
      it.
    </p>
  </div>`;
}

/** What an epsilon means to the person a row is about. @param {number} epsilon @param {number} delta */
function inWords(epsilon, delta) {
  const factor = Math.exp(epsilon);
  const most =
    factor < 1.005
      ? "hardly likelier"
      : factor < 1000
        ? `at most ${factor.toPrecision(3)} times as likely`
        : "many times likelier: a promise this weak protects little";
  return (
    `Whatever somebody reads out of the weights, it would be ${most} with any one row in the data as without it, ` +
    `but for a chance of ${delta}.`
  );
}
