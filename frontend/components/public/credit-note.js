import { html } from "/static/html.js";

/** What an Eco Credit is, and is not: `docs/eco-credits.md`. */
export function creditNote() {
  return html`<p class="note">
    An Eco Credit is an internal unit, <strong>not a carbon offset</strong>: one µg of CO₂e that a node’s work
    in one round did not emit, against a baseline that was fixed on chain before the job ran. It does not show
    that emissions of a grid fell, that the work was additional, or that a meter was honest.
  </p>`;
}
