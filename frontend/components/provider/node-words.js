/** What a node's facts mean, in words; nothing here draws. */

const WEI = 10n ** 18n;
const ENDED = new Set(["SETTLED", "REFUNDED", "DISPUTED"]);

/**
 * Where a node stands, and how that looks.
 * @param {{state: string, frozen: boolean, online: boolean, assigned_jobs: number, rest_until?: number}} node as in `GET /api/nodes`
 * @returns {{word: string, kind: "good"|"warn"|"bad"|"", sentence: string}}
 */
export function standing(node) {
  if (node.state === "Banned")
    return {
      word: "Banned",
      kind: "bad",
      sentence: "Banned for life for a proven cheat; its deposit went to the honest nodes of that job.",
    };
  if (node.state === "None")
    return { word: "Left", kind: "", sentence: "It has left; its deposit was paid back." };
  if (node.frozen)
    return {
      word: "Accused",
      kind: "bad",
      sentence: "Its deposit is frozen while an accusation is open; it gets no new work.",
    };
  if (node.state === "Exiting")
    return {
      word: "Leaving",
      kind: "warn",
      sentence: "It has asked to leave: no new work, and the deposit waits out the unbonding time.",
    };
  if (!node.online)
    return { word: "Offline", kind: "warn", sentence: "Its machine is not connected, so it gets no work." };
  if (node.assigned_jobs > 0)
    return { word: "Working", kind: "good", sentence: `It works on ${node.assigned_jobs} open job(s).` };
  return { word: "Online", kind: "good", sentence: "Connected, waiting for work." };
}

/**
 * What became of a job for one of its nodes.
 * @param {{status: string, role: string, paid_wei: string, culprit: boolean, accusation: string|null}} job
 * @returns {{word: string, kind: "good"|"warn"|"bad"|""}}
 */
export function outcome(job) {
  if (job.culprit)
    return {
      word: ACCUSED[job.accusation] ?? "accused by the verdict",
      kind: job.accusation === "acquitted" ? "" : "bad",
    };
  if (job.status === "SETTLED" && job.role === "validator")
    return { word: "checked and settled", kind: "good" };
  if (job.status === "SETTLED")
    return BigInt(job.paid_wei) > 0n
      ? { word: "paid", kind: "good" }
      : { word: "settled, nothing earned", kind: "warn" };
  if (job.status === "REFUNDED") return { word: "the customer was refunded", kind: "" };
  return { word: IN_PROGRESS[job.status] ?? "in progress", kind: "warn" };
}

const ACCUSED = {
  named: "accused, can be contested",
  contested: "accused, contested",
  guilty: "accused, found guilty",
  acquitted: "accused, acquitted",
  slashed: "accused, deposit lost",
};
const IN_PROGRESS = {
  QUEUED: "waits for nodes",
  RUNNING: "training",
  VERIFYING: "being checked",
  SETTLING: "being paid",
  DISPUTED: "disputed",
};

/** The job a node works on now, if any. @param {any[]} jobs */
export function currentJob(jobs) {
  return jobs.find((job) => !ENDED.has(job.status) && IN_PROGRESS[job.status]) ?? null;
}

/** What settled jobs have paid, in wei. @param {any[]} jobs @returns {bigint} */
export function earned(jobs) {
  return jobs.filter((job) => job.status === "SETTLED").reduce((sum, job) => sum + BigInt(job.paid_wei), 0n);
}

/**
 * Coins as a person writes them, in wei; null for what is no positive amount of up to 18 decimals.
 * @param {string} text
 */
export function weiOf(text) {
  const match = /^\s*(\d{1,12})(?:[.,](\d{1,18}))?\s*$/.exec(text);
  if (!match) return null;
  const wei = BigInt(match[1]) * WEI + BigInt((match[2] ?? "").padEnd(18, "0") || "0");
  return wei > 0n ? wei : null;
}

/** Wei as coins to write into a field, exactly. @param {string|bigint} wei */
export function exactCoins(wei) {
  const amount = BigInt(wei);
  const decimals = (amount % WEI).toString().padStart(18, "0").replace(/0+$/, "");
  return `${amount / WEI}${decimals ? "." + decimals : ""}`;
}

/** Whether the market takes this as a node's name. @param {string} text */
export function isName(text) {
  return /^[A-Za-z0-9._-]{1,40}$/.test(text);
}

/**
 * The line for the GPU machine.
 * @param {{api: string, provider: string, name: string, role: string, invitation: string, zone?: string}} parts
 */
export function attachCommand({ api, provider, name, role, invitation, zone }) {
  const options = [
    `--api ${api}`,
    `--provider ${provider}`,
    `--name ${name}`,
    `--role ${role}`,
    `--invitation ${invitation}`,
    ...(zone ? [`--zone ${zone}`] : []),
    `--home ~/.ecodml/${name}`,
  ];
  return `ecodml node attach ${options.join(" ")}`;
}

/** What a part of a pay is, with its unit. @param {{value: number, unit: string}} part */
export function partValue({ value, unit }) {
  if (unit === "ppm") return `${(value / 10_000).toFixed(2)} %`;
  return `${value.toLocaleString("en")}${unit ? ` ${unit}` : ""}`;
}
