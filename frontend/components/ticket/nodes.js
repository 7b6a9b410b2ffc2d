import { html, table } from "/static/html.js";
import { co2, coins, count, duration, joules, percent } from "/static/units.js";
import { nodeLink } from "./names.js";
import { figure } from "./rounds.js";
import { section } from "./section.js";

const PPM = 1_000_000;

/** Who works on the job: each node with what it did, what that took, and what it was paid. */
export function nodes() {
  return section({
    id: "nodes",
    title: "Nodes",
    pick: (ticket, { names }) =>
      ticket.trainers.length === 0
        ? null
        : {
            rows: [
              ...ticket.trainers.map((address) => trainer(ticket, address)),
              ...ticket.validators.map((address) => validator(ticket, address)),
            ],
            known: names.size,
          },
    draw: ({ rows }, { names }) => [
      table({
        caption: "What each node did for this job",
        head: [
          "Node",
          "Role",
          "Zone",
          { text: "Rounds", numeric: true },
          { text: "Accuracy of its updates", numeric: true },
          { text: "Examples", numeric: true },
          { text: "Work", numeric: true },
          { text: "Energy", numeric: true },
          "Class and band",
          { text: "Emissions", numeric: true },
          { text: "Pay", numeric: true },
          "Standing",
        ],
        rows: rows.map((row) => [
          nodeLink(row.address, names),
          row.role,
          row.zone || "–",
          row.rounds,
          figure(row.accuracy, percent),
          figure(row.examples, count),
          figure(row.seconds, duration),
          figure(row.millijoules, joules),
          row.kinds,
          figure(row.micrograms, co2),
          figure(row.paid, (wei) => coins(wei)),
          html`<span class="badge ${row.look}">${row.standing}</span>`,
        ]),
      }),
      html`<p class="note">
        Accuracy is that of the model with the node's update, on data that only the validators hold, the mean
        of its rounds. Energy is what the node said, with its class and how far it may be off; emissions are
        that energy at its grid's intensity. Validators are not paid by the job.
      </p>`,
    ],
  });
}

/** What a trainer did, from the closed rounds and, once there are, the verdict and the energy statement. */
export function trainer(ticket, address) {
  const mine = ticket.rounds.flatMap((round) => round.updates.filter((update) => update.trainer === address));
  const scores = mine.map((update) => update.accuracy_ppm).filter((ppm) => Number.isFinite(ppm));
  const carbon = ticket.rounds.map((round) => round.carbon?.[address]).filter(Boolean);
  const said = ticket.carbon?.trainers[address];
  const work = ticket.verdict?.work.find((one) => one.trainer === address);
  const used = said ? said.millijoules : carbon.length ? sum(carbon, "millijoules") : null;
  return {
    address,
    role: "Trainer",
    zone: said?.zones.join(", ") || [...new Set(carbon.map((of) => of.intensity.zone))].join(", "),
    rounds: rounds(ticket, address, mine.length),
    accuracy: scores.length
      ? scores.reduce((a, b) => a + b, 0) / scores.length / PPM
      : work
        ? work.accuracy_ppm / PPM
        : null,
    examples: work?.examples ?? (mine.length ? sum(mine, "examples") : null),
    seconds: work ? work.milliseconds / 1000 : mine.length ? sum(mine, "training_seconds") : null,
    millijoules: used,
    kinds: kinds(said?.classes, mine),
    micrograms: said ? said.micrograms : carbon.length ? sum(carbon, "micrograms") : null,
    paid: paid(ticket, address),
    ...standing(ticket, address),
  };
}

function validator(ticket, address) {
  const replays = ticket.rounds.flatMap((round) =>
    round.updates.map((update) => update.audit?.replayers?.[address]?.length ?? 0),
  );
  const rerun = replays.reduce((a, b) => a + b, 0);
  return {
    address,
    role: "Validator",
    zone: "",
    rounds: rerun ? `${rerun} segments re-run` : "–",
    accuracy: null,
    examples: null,
    seconds: null,
    millijoules: null,
    kinds: "–",
    micrograms: null,
    paid: null,
    standing: "On the panel",
    look: "",
  };
}

function rounds(ticket, address, done) {
  const asked = ticket.rounds.filter((round) => round.asked.includes(address)).length;
  const late = ticket.rounds.filter((round) => round.late.includes(address)).length;
  return `${done}${asked > done ? ` of ${asked}` : ""}${late ? `, late in ${late}` : ""}`;
}

/** The classes of its readings, each with how far it may be off at most. */
function kinds(classes, updates) {
  if (classes) {
    const said = Object.entries(classes).map(
      ([kind, of]) => `${kind} ±${percent(of.millijoules ? of.band_millijoules / of.millijoules : 0, 0)}`,
    );
    return said.join(" + ") || "no reading";
  }
  const widest = new Map();
  for (const { energy } of updates)
    if (energy) widest.set(energy.kind, Math.max(widest.get(energy.kind) ?? 0, energy.band_ppm));
  return [...widest].map(([kind, band]) => `${kind} ±${percent(band / PPM, 0)}`).join(" + ") || "–";
}

function paid(ticket, address) {
  const at = ticket.verdict?.payees.indexOf(address) ?? -1;
  return at >= 0 ? ticket.verdict.amounts_wei[at] : null;
}

function standing(ticket, address) {
  if (ticket.verdict?.culprits.includes(address)) {
    const state = ticket.accusations?.[address] ?? "named";
    return { standing: `Culprit, ${state}`, look: "bad" };
  }
  const received = ticket.deposits_received_wei?.[address];
  if (received) return { standing: `Honest; received ${coins(received, "native coin")}`, look: "good" };
  if (ticket.verdict) return { standing: "Honest", look: "good" };
  return { standing: "At work", look: "" };
}

const sum = (items, field) => items.reduce((total, item) => total + (item[field] ?? 0), 0);
