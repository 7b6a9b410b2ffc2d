/** A refusal by the API, or none at all reached. */
export class Refusal extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** GET a JSON document of the API. @param {string} path @returns {Promise<any>} */
export async function get(path) {
  let answer;
  try {
    answer = await fetch(path, { headers: { Accept: "application/json" } });
  } catch {
    throw new Refusal("api.unreachable", "The server does not answer; trying again.");
  }
  const document = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const { code = "api.status", message = `The server answered with ${answer.status}.` } =
      document.error ?? {};
    throw new Refusal(code, message);
  }
  return document;
}
