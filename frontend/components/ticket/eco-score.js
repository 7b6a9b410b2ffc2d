import { html } from "/static/html.js";
import { joules, percent } from "/static/units.js";

const WORLD_G_PER_KWH = 475;
const PPM = 1_000_000;

/** An Eco Score with its formula, filled in with the figures that it was made of. @param {object} eco */
export function ecoScore({ score, parts, weights_percent: weights, inputs }) {
  const grams = (inputs.mg_per_kwh / 1000).toFixed(1);
  const made = {
    energy: `100 × ${joules(inputs.expected_millijoules)} expected by benchmarks ÷ (that + ${joules(inputs.millijoules)} used)`,
    carbon: `100 × ${WORLD_G_PER_KWH} ÷ (${WORLD_G_PER_KWH} + ${grams}) gCO₂e/kWh, the mean of the electricity used; ${WORLD_G_PER_KWH} is the world's`,
    use: `100 × ${(inputs.busy_ms / 1000).toFixed(1)} s busy ÷ ${(inputs.reserved_ms / 1000).toFixed(1)} s held`,
    accuracy: `100 × ${percent(inputs.accuracy_ppm / PPM)} on data that was not trained on`,
  };
  const names = Object.keys(parts).sort((a, b) => weights[b] - weights[a]);
  const sum = names.map((name) => `${weights[name] / 100} × ${parts[name].toFixed(2)}`).join(" + ");
  return html`<div class="card eco">
    <h3>Eco Score <span class="figure">${score.toFixed(2)}</span> of 100</h3>
    <meter min="0" max="100" value=${score} aria-label="Eco Score"></meter>
    <p class="figure formula">${sum} = ${score.toFixed(2)}</p>
    <dl class="facts">
      ${names.map((name) => [
        html`<dt>${name}, weight ${weights[name]} %</dt>`,
        html`<dd class="figure">${parts[name].toFixed(2)} = ${made[name]}</dd>`,
      ])}
    </dl>
  </div>`;
}
