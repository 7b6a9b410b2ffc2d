import { get } from "/static/api.js";

const PATIENCE = 20;
const AGAIN_MS = 1000;

/** The certificate that a transaction left, once the server has read of it; null where it does not within a while. @param {string} hash */
export async function certificateNumber(hash) {
  for (let turn = 0; turn < PATIENCE; turn += 1) {
    const { certificates } = await get("/api/credits");
    const found = certificates.find(({ tx }) => tx.toLowerCase() === hash.toLowerCase());
    if (found) return found.number;
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
  return null;
}
