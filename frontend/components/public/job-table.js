import { sortableTable } from "/static/components/sortable-table.js";
import { time } from "/static/html.js";
import { co2, coins, joules, percent } from "/static/units.js";
import { jobLink, jobState, known } from "./words.js";

const number = (value) => (value === null ? null : Number(value));

const COLUMNS = [
  { text: "Job", value: (job) => job.job_id, cell: (job) => jobLink(job.job_id) },
  { text: "State", value: (job) => job.status, cell: jobState },
  { text: "Paid in", value: (job) => job.opened_at, cell: (job) => known(job.opened_at, time) },
  { text: "Fee", numeric: true, value: (job) => number(job.fee_wei), cell: (job) => coins(job.fee_wei) },
];
const MORE = [
  { text: "Rounds", numeric: true, value: (job) => job.rounds, cell: (job) => String(job.rounds) },
  {
    text: "Accuracy",
    numeric: true,
    value: (job) => job.accuracy_ppm,
    cell: (job) => known(job.accuracy_ppm, (ppm) => percent(ppm / 1e6, 1)),
  },
  {
    text: "Energy",
    numeric: true,
    value: (job) => job.millijoules,
    cell: (job) => known(job.millijoules, joules),
  },
  {
    text: "Emitted",
    numeric: true,
    value: (job) => job.micrograms,
    cell: (job) => known(job.micrograms, co2),
  },
  {
    text: "Eco Score",
    numeric: true,
    value: (job) => job.eco_score,
    cell: (job) => known(job.eco_score, (score) => score.toFixed(1)),
  },
  { text: "Ended", value: (job) => job.ended_at, cell: (job) => known(job.ended_at, time) },
];

/** Jobs, to be sorted; the newest first. @param {{caption: string, brief?: boolean}} parts */
export function jobTable({ caption, brief = false }) {
  return sortableTable({
    caption,
    quiet: true,
    key: (job) => job.job_id,
    sort: { column: 2, down: true },
    columns: brief ? COLUMNS : [...COLUMNS, ...MORE],
  });
}
