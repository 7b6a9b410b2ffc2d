/** Every number with its unit; amounts on chains are never rounded up. */

const WEI = 10n ** 18n;
const NUMBER = new Intl.NumberFormat("en");

/** Wei as a coin amount with up to six decimals, cut. @param {string|bigint} wei @param {string} [unit] */
export function coins(wei, unit = "DML") {
  const amount = BigInt(wei);
  const size = amount < 0n ? -amount : amount;
  const decimals = (size % WEI).toString().padStart(18, "0").slice(0, 6).replace(/0+$/, "");
  const cut = size > 0n && size < 10n ** 12n;
  const told = cut ? "<0.000001" : `${NUMBER.format(size / WEI)}${decimals ? "." + decimals : ""}`;
  return `${amount < 0n ? "−" : ""}${told} ${unit}`;
}

/** A share between 0 and 1 as percent. @param {number} share @param {number} [decimals] */
export function percent(share, decimals = 2) {
  return `${(100 * share).toFixed(decimals)} %`;
}

/** Unix seconds as local time. @param {number} seconds */
export function moment(seconds) {
  return new Date(seconds * 1000).toLocaleString();
}

/** A span of time by its two largest units. @param {number} seconds */
export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(" ");
}

/** Decimal bytes. @param {number} size */
export function bytes(size) {
  return scaled(size, ["B", "kB", "MB", "GB", "TB"]);
}

/** Millijoules in the unit that fits. @param {number} millijoules */
export function joules(millijoules) {
  return scaled(millijoules, ["mJ", "J", "kJ", "MJ", "GJ"]);
}

/** Micrograms of CO2-equivalent in the unit that fits. @param {number} micrograms */
export function co2(micrograms) {
  return scaled(micrograms, ["µg", "mg", "g", "kg", "t"]) + " CO₂e";
}

/** A whole number with its thousands apart. @param {number|bigint} number */
export function count(number) {
  return NUMBER.format(number);
}

function scaled(amount, units) {
  let [size, at] = [Math.abs(amount), 0];
  while (size >= 1000 && at < units.length - 1) {
    size /= 1000;
    at += 1;
  }
  const digits = at === 0 && Number.isInteger(amount) ? 0 : size < 10 ? 2 : size < 100 ? 1 : 0;
  return `${amount < 0 ? "−" : ""}${size.toFixed(digits)} ${units[at]}`;
}
