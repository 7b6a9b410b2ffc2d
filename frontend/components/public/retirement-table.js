import { sortableTable } from "/static/components/sortable-table.js";
import { html, short, time } from "/static/html.js";
import { co2, count } from "/static/units.js";

/** Credits that were used up. @param {{caption: string}} parts */
export function retirementTable({ caption }) {
  return sortableTable({
    caption,
    quiet: true,
    key: (of) => String(of.number),
    sort: { column: 0, down: true },
    columns: [
      {
        text: "Certificate",
        numeric: true,
        value: (of) => of.number,
        cell: (of) => html`<a href="/credits/certificates/${of.number}">No. ${count(of.number)}</a>`,
      },
      { text: "Retired", value: (of) => of.retired_at, cell: (of) => time(of.retired_at) },
      { text: "Amount", numeric: true, value: (of) => of.micrograms, cell: (of) => co2(of.micrograms) },
      { text: "Zone", value: (of) => of.zone, cell: (of) => of.zone },
      { text: "Month", value: (of) => of.vintage, cell: (of) => of.vintage },
      { text: "Beneficiary", wrap: true, value: (of) => of.beneficiary, cell: (of) => of.beneficiary || "–" },
      { text: "By", value: (of) => of.holder, cell: (of) => short(of.holder) },
    ],
  });
}
