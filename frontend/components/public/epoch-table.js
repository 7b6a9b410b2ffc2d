import { sortableTable } from "/static/components/sortable-table.js";
import { html, short, time } from "/static/html.js";
import { co2, count, joules } from "/static/units.js";

const COLUMNS = [
  {
    text: "Epoch",
    numeric: true,
    value: (epoch) => epoch.index,
    cell: (epoch) => html`<a href="/ledger?epoch=${epoch.index}">${count(epoch.index)}</a>`,
  },
  { text: "Sealed", value: (epoch) => epoch.sealed_at, cell: (epoch) => time(epoch.sealed_at) },
  {
    text: "Energy",
    numeric: true,
    value: (epoch) => epoch.millijoules,
    cell: (epoch) => joules(epoch.millijoules),
  },
  {
    text: "Emitted",
    numeric: true,
    value: (epoch) => epoch.micrograms,
    cell: (epoch) => co2(epoch.micrograms),
  },
  { text: "Finality", value: (epoch) => Number(epoch.final), cell: (epoch) => finality(epoch) },
];
const MORE = [
  {
    text: "Readings",
    numeric: true,
    value: (epoch) => epoch.readings,
    cell: (epoch) => count(epoch.readings),
  },
  { text: "Proposer", value: (epoch) => epoch.proposer, cell: (epoch) => short(epoch.proposer) },
  { text: "Root of readings", cell: (epoch) => short(epoch.readings_root) },
];

/** Epochs of the energy ledger. @param {{caption: string, brief?: boolean}} parts */
export function epochTable({ caption, brief = false }) {
  return sortableTable({
    caption,
    quiet: true,
    key: (epoch) => String(epoch.index),
    sort: { column: 0, down: true },
    columns: brief ? COLUMNS : [...COLUMNS, ...MORE],
  });
}

/** Whether anything may be built on an epoch. @param {{final: boolean}} epoch */
export function finality({ final }) {
  return final
    ? html`<span class="badge good">Final</span>`
    : html`<span class="badge warn" title="Who holds stake can still challenge it">Can be challenged</span>`;
}
