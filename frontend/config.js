import { get } from "/static/api.js";

let asked = null;

/** What this network is: chains, contracts, limits, choices (`GET /api/config`), asked for once. @returns {Promise<any>} */
export function config() {
  asked ??= get("/api/config").catch((refusal) => {
    asked = null;
    throw refusal;
  });
  return asked;
}
