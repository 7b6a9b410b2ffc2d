/** From target values to classes: which values may be classes at all, their names and their order. */

import { DatasetInvalid, listed, quoted } from "/static/datasets/refusal.js";
import { DistinctTexts } from "/static/datasets/distinct.js";
import { byCodePoint, characters, kept, repr } from "/static/datasets/text.js";

/** @typedef {import("/static/datasets/limits.js").Limits} Limits */
/** @typedef {{classes: string[], counts: number[]}} Classes */

const FRACTIONAL_CLASSES = 20;
const LONGEST_NAME = 200;
const ROWS_TO_SPLIT = 3;

/** Counts the values of a target as they come; past the possible number of classes only how many there are. */
export class LabelCounts {
  /** @param {Limits} limits */
  constructor(limits) {
    this.limits = limits;
    /** @type {Map<string | number | bigint, number>} */
    this.counts = new Map();
    this.total = 0;
    this.whole = true;
    /** @type {DistinctTexts | null} */
    this.more = null;
  }

  /** @param {string | number | bigint} value numbers are finite */
  add(value, times = 1) {
    this.total += times;
    if (typeof value === "number" && !Number.isInteger(value)) this.whole = false;
    if (this.more) {
      this.more.add(String(value));
      return;
    }
    const before = this.counts.get(value);
    this.counts.set(
      before === undefined && typeof value === "string" ? kept(value) : value,
      (before ?? 0) + times,
    );
    if (this.counts.size <= this.limits.maxClasses) return;
    this.more = new DistinctTexts(Infinity);
    for (const known of this.counts.keys()) this.more.add(String(known));
  }

  /** How many different values there are. */
  get distinct() {
    return this.more?.count ?? this.counts.size;
  }

  /** Classes in numeric order. @param {string} target  @returns {Classes} */
  ofNumbers(target) {
    if (!this.whole && this.distinct > FRACTIONAL_CLASSES) {
      throw new DatasetInvalid(
        "dataset.target_not_classes",
        `The target ${quoted(target)} has ${this.distinct} different values with fractions: it is a measurement, ` +
          "not a class, so choose another target.",
      );
    }
    const values = [...this.counts.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const name = (value) => (this.whole ? String(BigInt(value)) : repr(Number(value)));
    return this.checked(values, values.map(name), target);
  }

  /** Classes in alphabetical order. @param {string} target  @returns {Classes} */
  ofTexts(target) {
    const names = /** @type {string[]} */ ([...this.counts.keys()]).sort(byCodePoint);
    return this.checked(names, names, target);
  }

  checked(values, names, target) {
    if (this.distinct < 2) {
      const only = names.length ? ` (${quoted(names[0])})` : "";
      throw new DatasetInvalid(
        "dataset.one_class",
        `The target ${quoted(target)} has only one value${only} in its ${this.total} rows: there is nothing to tell apart.`,
      );
    }
    if (this.distinct > this.limits.maxClasses) {
      throw new DatasetInvalid(
        "dataset.too_many_classes",
        `The target ${quoted(target)} has ${this.distinct} different values, more than the ${this.limits.maxClasses} ` +
          "classes that are possible.",
      );
    }
    const bad = names.find((name) => !name || characters(name) > LONGEST_NAME);
    if (bad !== undefined) {
      throw new DatasetInvalid(
        "dataset.class_name",
        `The target ${quoted(target)} has the value ${quoted(bad)}, which is no usable class name: it must be text of ` +
          `1 to ${LONGEST_NAME} characters.`,
      );
    }
    return { classes: names, counts: values.map((value) => Number(this.counts.get(value))) };
  }
}

/** Refuse a target whose classes are too rare to judge a model by; name those that are merely rare. @param {Classes} found  @param {string} target */
export function rareClassWarnings({ classes, counts }, target) {
  const rare = classes.filter((_, i) => counts[i] < ROWS_TO_SPLIT);
  if (!rare.length) return [];
  if (classes.length - rare.length < 2 || rare.length > classes.length / 2) {
    throw new DatasetInvalid(
      "dataset.rare_classes",
      `${rare.length} of the ${classes.length} classes of ${quoted(target)} have fewer than ${ROWS_TO_SPLIT} rows ` +
        `(${listed(rare)}), too few to train on and to test: perhaps it is not the right target.`,
    );
  }
  return [`Fewer than ${ROWS_TO_SPLIT} rows of ${listed(rare)}: these classes cannot be tested.`];
}
