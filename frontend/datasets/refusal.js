/** Why a file cannot be trained on: a code of docs/refusals.md and the sentence that the server would say. */

import { characters } from "/static/datasets/text.js";

const NAMES_SHOWN = 12;
const CHARACTERS_SHOWN = 60;
const UNPRINTABLE = /[\p{C}\p{Z}]/gu;

export class DatasetInvalid extends Error {
  /** @param {string} code  @param {string} message one sentence */
  constructor(code, message) {
    super(message);
    this.code = code;
    /** @type {object[] | undefined} targets to choose from, where the one chosen is at fault */
    this.targets = undefined;
  }
}

/** A name or value out of a customer's file, safe and short enough to stand inside a sentence. @param {string} text */
export function quoted(text) {
  const shown = text.replace(UNPRINTABLE, (c) => (c === " " ? c : "\ufffd"));
  const letters = characters(shown) > CHARACTERS_SHOWN ? [...shown].slice(0, CHARACTERS_SHOWN - 3) : null;
  return letters ? `"${letters.join("")}..."` : `"${shown}"`;
}

/** The first few of several names, and how many more there are. @param {string[]} names */
export function listed(names) {
  const more = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).map(quoted).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
