import { html, table } from "/static/html.js";
import { co2, joules, percent } from "/static/units.js";
import { ecoScore } from "./eco-score.js";
import { section } from "./section.js";

const PPM = 1_000_000;

/** What the job's energy and emissions came to, by class, by round and by grid; its SCI, Eco Score, budget and alerts. */
export function energy() {
  return section({
    id: "energy",
    title: "Energy and carbon",
    pick: (ticket) =>
      ticket.carbon || ticket.rounds.some((round) => round.carbon)
        ? {
            carbon: ticket.carbon,
            rounds: ticket.rounds.map(({ number, carbon }) => ({ number, carbon })),
            budget: ticket.spec.energy_budget_joules,
            alerts: ticket.alerts.filter(({ code }) => code.startsWith("energy.")),
            chain: ticket.chain ?? null,
            baseline: ticket.baseline,
          }
        : null,
    draw: (said) => [
      html`<dl class="figures">
        ${figures(said).map(
          ([name, value, note]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
              ${note ? html`<dd class="note">${note}</dd>` : null}
            </div>`,
        )}
      </dl>`,
      budget(said),
      said.carbon?.eco ? ecoScore(said.carbon.eco) : null,
      byRound(said),
      grids(said),
      html`<p class="note">
        Emissions are location-based: energy times the intensity of each node's grid in that hour. They are
        the nodes' own readings; SCI adds idling and the making of the hardware. Not in them: the validators'
        and the operator's machines, and the network.
      </p>`,
    ],
  });
}

function figures({ carbon, rounds, chain }) {
  const told = [];
  if (carbon) {
    for (const [kind, of] of Object.entries(carbon.classes))
      told.push([
        `Energy, ${kind}`,
        joules(of.millijoules),
        `± ${joules(of.band_millijoules)} (${percent(of.millijoules ? of.band_millijoules / of.millijoules : 0, 0)})`,
      ]);
    told.push([
      "Emissions",
      co2(carbon.micrograms),
      `± ${percent(carbon.band_ppm / PPM, 0)}, location-based`,
    ]);
    if (carbon.idle_millijoules)
      told.push([
        "Idling between rounds",
        joules(carbon.idle_millijoules),
        "in SCI, not in the energy above",
      ]);
    const { sci } = carbon;
    told.push([
      `SCI per ${sci.unit}`,
      co2(sci.micrograms),
      `${co2(sci.operational_ug)} of operation, ${co2(sci.embodied_ug)} of making the hardware`,
    ]);
    if (carbon.site.millijoules)
      told.push([
        "Nodes' own sun and wind",
        joules(carbon.site.millijoules),
        "as they say; takes nothing from the emissions",
      ]);
  } else {
    const all = rounds.flatMap((round) => Object.values(round.carbon ?? {}));
    const kinds = [...new Set(all.map((of) => of.kind))].join(" + ");
    told.push(["Energy so far", joules(total(all, "millijoules")), kinds]);
    told.push(["Emissions so far", co2(total(all, "micrograms")), "location-based"]);
  }
  if (chain)
    told.push([
      "Both chains, for this job",
      joules(chain.millijoules),
      `${chain.kind} ± ${percent(chain.band_ppm / PPM, 0)}, ${co2(chain.micrograms)}, ${chain.market_transactions + chain.carbon_transactions} transactions`,
    ]);
  return told;
}

function budget({ budget: most, carbon, rounds, alerts }) {
  if (!most) return null;
  const used =
    carbon?.millijoules ??
    total(
      rounds.flatMap((round) => Object.values(round.carbon ?? {})),
      "millijoules",
    );
  const over = used > most * 1000;
  return html`<div class=${over ? "warning" : "card"}>
    <p>
      Energy budget: ${joules(used)} of ${joules(most * 1000)} used${over ? ", more than the budget" : ""}.
      ${alerts.map(({ message }) => message)}
    </p>
    <progress
      max=${most * 1000}
      value=${Math.min(used, most * 1000)}
      aria-label="Energy budget used"
    ></progress>
  </div>`;
}

function byRound({ carbon, rounds }) {
  const sci = new Map((carbon?.rounds ?? []).map((of) => [of.number, of.sci]));
  const told = rounds.filter((round) => round.carbon);
  if (told.length === 0) return null;
  return table({
    caption: "By round",
    head: [
      "Round",
      { text: "Energy", numeric: true },
      "Class",
      { text: "Emissions", numeric: true },
      { text: "SCI", numeric: true },
    ],
    rows: told.map((round) => {
      const all = Object.values(round.carbon);
      return [
        String(round.number),
        joules(total(all, "millijoules")),
        [...new Set(all.map((of) => of.kind))].join(" + "),
        co2(total(all, "micrograms")),
        sci.has(round.number) ? co2(sci.get(round.number).micrograms) : "–",
      ];
    }),
  });
}

function grids({ rounds }) {
  const seen = new Map();
  for (const round of rounds)
    for (const { intensity } of Object.values(round.carbon ?? {}))
      seen.set(`${intensity.zone} ${intensity.hour}`, intensity);
  if (seen.size === 0) return null;
  return table({
    caption: "The electricity that was reckoned with",
    head: [
      "Zone",
      "Hour",
      { text: "Intensity", numeric: true },
      { text: "Band", numeric: true },
      "Resolution",
      "Of",
      "Source",
    ],
    rows: [...seen.values()].map((of) => [
      of.zone,
      new Date(of.hour * 3_600_000).toLocaleString([], { dateStyle: "short", timeStyle: "short" }),
      `${(of.mg_per_kwh / 1000).toFixed(1)} gCO₂e/kWh`,
      `± ${percent(of.band_ppm / PPM, 0)}`,
      `${of.resolution}${of.estimated ? ", estimated" : ""}`,
      String(of.dated),
      of.source,
    ]),
  });
}

const total = (items, field) => items.reduce((sum, item) => sum + item[field], 0);
