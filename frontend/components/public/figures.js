import { html } from "/static/html.js";
import { co2, coins, count, joules } from "/static/units.js";
import { band, classMeaning, known } from "./words.js";

/** The network's figures. @param {object} network of GET /api/network */
export function figures(network) {
  const { nodes, jobs, fees, energy, emissions, credits, eco } = network;
  return html`<dl class="figures">
    ${figure("Nodes online", `${count(nodes.online)} of ${count(nodes.registered)}`, groups(nodes.by_role))}
    ${figure("Deposits at stake", coins(nodes.deposits_wei, "native coin"), "forfeit by whoever cheats")}
    ${figure("Jobs settled", count(jobs.settled), `${count(jobs.refunded)} refunded · ${count(jobs.open)} open`)}
    ${figure("Paid to nodes", coins(fees.earned_wei), `${coins(fees.commission_wei)} of commission`)}
    ${figure("Refunded", coins(fees.refunded_wei), `${coins(fees.escrow_wei)} in escrow now`)}
    ${energyFigures(energy)}
    ${figure("Emitted by jobs", co2(emissions.micrograms), emissions.micrograms ? `${band(emissions.band_ppm)}, by location` : "by location")}
    ${figure(
      "Carbon avoided",
      known(credits, (of) => co2(of.issued_ug)),
      known(credits, (of) => `${co2(of.retired_ug)} of it retired`),
    )}
    ${figure(
      "Mean Eco Score",
      known(eco.score, (score) => `${score.toFixed(1)} of 100`),
      scored(eco),
    )}
  </dl>`;
}

function energyFigures(energy) {
  const kinds = Object.entries(energy);
  if (kinds.length === 0) return figure("Energy of jobs", joules(0), "nothing was trained yet");
  return kinds.map(([kind, { millijoules, band_millijoules: off }]) =>
    figure(
      `Energy, ${kind}`,
      joules(millijoules),
      `${band(millijoules ? (1e6 * off) / millijoules : 0)}, ${classMeaning(kind)}`,
    ),
  );
}

function figure(name, value, aside) {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
    <dd class="aside">${aside}</dd>
  </div>`;
}

const groups = (byRole) =>
  Object.entries(byRole)
    .map(([role, { online, registered }]) => `${online} of ${registered} ${role}s`)
    .join(" · ") || "none has registered yet";

const scored = ({ jobs, definition }) =>
  jobs
    ? html`<span title=${definition}>mean over ${count(jobs)} settled job${jobs === 1 ? "" : "s"}</span>`
    : "no job settled yet";
