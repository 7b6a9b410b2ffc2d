const WEI = 10n ** 18n;

/** Wei as a coin amount with up to six decimals, cut and never rounded up. @param {string} wei @param {string} unit */
export function coins(wei, unit = "DML") {
  const amount = BigInt(wei);
  const decimals = (amount % WEI).toString().padStart(18, "0").slice(0, 6).replace(/0+$/, "");
  return `${amount / WEI}${decimals ? "." + decimals : ""} ${unit}`;
}

/** A share between 0 and 1 as percent. @param {number} share */
export function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}

/** Unix seconds as local time. @param {number} seconds */
export function moment(seconds) {
  return new Date(seconds * 1000).toLocaleString();
}
