/** NPZ files: NumPy arrays in a zip. Array headers are read and judged before any data; pickled objects never are. */

import { BadHeader, headerOf } from "/static/datasets/npy.js";
import { DatasetInvalid, listed, quoted } from "/static/datasets/refusal.js";
import { InputScan } from "/static/datasets/arrays.js";
import { LabelScan } from "/static/datasets/label_arrays.js";
import { shownArray } from "/static/datasets/shown_array.js";

/** @typedef {import("/static/datasets/npy.js").Header & {member: import("/static/datasets/archive.js").Member}} Array */

const LONGEST_START = 10_012;
const PAIRS = [
  ["x", "y"],
  ["data", "target"],
  ["images", "labels"],
  ["features", "labels"],
  ["data", "labels"],
  ["x", "labels"],
];

/**
 * @param {import("/static/datasets/archive.js").Archive} archive  @param {string | null} target
 * @param {import("/static/datasets/limits.js").Limits} limits
 * @returns {Promise<import("/static/datasets/inspection.js").Table>}
 */
export async function loadNpz(archive, target, limits) {
  /** @type {Map<string, Array>} */
  const arrays = new Map();
  for (const member of archive.members) {
    if (member.name.endsWith(".npy")) arrays.set(bare(member), await arrayOf(archive, member));
  }
  const parts = choose(arrays, target);
  for (const [x, y] of parts) checkShapes(arrays, x, y, limits);
  const [xs, ys] = [0, 1].map((side) => parts.map((part) => arrays.get(part[side])));
  const inputs = new InputScan(xs[0].shape.slice(1));
  const labels = new LabelScan(parts[0][1], limits, ys);
  const oneShape = (all) =>
    all.every((array) => String(array.shape.slice(1)) === String(all[0].shape.slice(1)));
  const alike = oneShape(xs) && oneShape(ys);
  let before = 0;
  for (const [i, array] of xs.entries()) {
    if (alike) await inputs.take(parts[i][0], array, archive.content(array.member), before);
    else await archive.check(array.member);
    before += array.shape[0];
  }
  for (const array of ys) {
    if (alike) await labels.take(array, archive.content(array.member));
    else await archive.check(array.member);
  }
  if (!alike) {
    throw new DatasetInvalid(
      "dataset.array_shape",
      `${quoted(parts[0][0])} and ${quoted(parts[1][0])} hold examples of different shapes.`,
    );
  }
  if (inputs.wrong) throw inputs.wrong;
  const targets = [...arrays].filter(([, array]) => mayBeLabels(array, xs)).map(([name]) => ({ name }));
  try {
    const found = labels.found();
    return {
      format: "npz",
      rows: before,
      columns: inputs.described(),
      target: parts[0][1],
      inputShape: inputs.shape,
      ...found,
      shown: shownArray(inputs, labels, parts[0][1]),
      targets,
    };
  } catch (error) {
    if (error instanceof DatasetInvalid) error.targets = targets;
    throw error;
  }
}

/** @param {Array} array  @param {Array[]} xs */
function mayBeLabels(array, xs) {
  return !xs.includes(array) && array.shape.length < 3 && "biufSU".includes(array.type.kind);
}

/** @param {{name: string}} member */
function bare(member) {
  return member.name.slice(0, -".npy".length);
}

/** Which arrays are inputs and labels: one pair, or a training and a test pair to be joined. */
function choose(arrays, target) {
  const names = [...arrays.keys()];
  const lower = new Map(names.map((name) => [name.toLowerCase(), name]));
  const pairs = customary(arrays, lower);
  if (target === null) {
    if (!pairs.length) throw noPair(names);
    return pairs;
  }
  const y = lower.get(target.toLowerCase());
  if (y === undefined) {
    const error = new DatasetInvalid(
      "dataset.no_such_target",
      `There is no array ${quoted(target)} to be the target; the arrays are ${listed(names)}.`,
    );
    error.targets = names.map((name) => ({ name }));
    throw error;
  }
  if (pairs.length && pairs[0][1] === y) return pairs;
  const named = PAIRS.map(([x]) => lower.get(x)).filter((x) => x !== undefined && x !== y);
  const inputs = named.length
    ? named
    : bySize(
        names.filter((name) => name !== y),
        arrays,
      );
  if (!inputs.length) throw noPair(names);
  return [[inputs[0], y]];
}

/** The pairs that bear customary names, or the only pair there is. */
function customary(arrays, lower) {
  for (const [end, otherEnd] of [
    ["", null],
    ["_train", "_test"],
  ]) {
    for (const [x, y] of PAIRS) {
      if (!lower.has(x + end) || !lower.has(y + end)) continue;
      const pairs = [[lower.get(x + end), lower.get(y + end)]];
      if (otherEnd && lower.has(x + otherEnd) && lower.has(y + otherEnd)) {
        pairs.push([lower.get(x + otherEnd), lower.get(y + otherEnd)]);
      }
      return pairs;
    }
  }
  return arrays.size === 2 ? [bySize([...arrays.keys()], arrays)] : [];
}

/** @param {string[]} names  @param {Map<string, Array>} arrays */
function bySize(names, arrays) {
  return [...names].sort((a, b) => product(arrays.get(b).shape) - product(arrays.get(a).shape));
}

/** @param {number[]} shape */
function product(shape) {
  return shape.reduce((so_far, n) => so_far * n, 1);
}

/** @param {string[]} names */
function noPair(names) {
  const error = new DatasetInvalid(
    "dataset.no_target",
    `Inputs and labels cannot be told among the arrays ${listed(names)}: name them x and y, or choose the target.`,
  );
  error.targets = names.map((name) => ({ name }));
  return error;
}

/** @returns {Promise<Array>} */
async function arrayOf(archive, member) {
  const name = quoted(bare(member));
  const invalid = (code, sentence) => new DatasetInvalid(`dataset.${code}`, `The array ${name} ${sentence}.`);
  const start = await archive.start(member, LONGEST_START);
  let header;
  try {
    header = headerOf(start);
  } catch (error) {
    if (!(error instanceof BadHeader)) throw error;
    throw invalid("array_broken", "has a header that cannot be read");
  }
  const { shape, type } = header;
  if (type.kind === "V") throw invalid("array_type", "holds records, not numbers or text");
  if (type.kind === "O") {
    throw invalid(
      "array_objects",
      "holds Python objects, which are never unpickled: save it as numbers or fixed-width text",
    );
  }
  const expected = header.start + product(shape) * type.size;
  if (expected !== member.size) {
    const exact =
      BigInt(header.start) + shape.reduce((so_far, n) => so_far * BigInt(n), 1n) * BigInt(type.size);
    throw invalid("array_broken", `should take ${exact} bytes and takes ${member.size}`);
  }
  return { ...header, member };
}

/** @param {Map<string, Array>} arrays  @param {string} xName  @param {string} yName */
function checkShapes(arrays, xName, yName, limits) {
  const [x, y] = [arrays.get(xName), arrays.get(yName)];
  const [inputs, labels] = [quoted(xName), quoted(yName)];
  const invalid = (code, sentence) => new DatasetInvalid(`dataset.${code}`, `${sentence}.`);
  const told = ({ shape }) => `[${shape.join(", ")}]`;
  if (!x.type.size || !y.type.size)
    throw invalid("array_broken", `${inputs} or ${labels} has values of no size`);
  if (!"biuf".includes(x.type.kind)) {
    throw invalid("array_type", `The inputs ${inputs} are of type ${x.type.told}, not numbers`);
  }
  if (!"biufSU".includes(y.type.kind)) {
    throw invalid("array_type", `The labels ${labels} are of type ${y.type.told}, not numbers or text`);
  }
  if (x.shape.length < 2 || x.shape.length > 4 || x.shape.includes(0)) {
    throw invalid(
      "array_shape",
      `The inputs ${inputs} have the shape ${told(x)}: two to four dimensions are needed, none of them 0`,
    );
  }
  if (![1, 2].includes(y.shape.length) || y.shape.includes(0)) {
    throw invalid(
      "array_shape",
      `The labels ${labels} have the shape ${told(y)}: one label per row is needed`,
    );
  }
  if (x.shape[0] !== y.shape[0]) {
    throw invalid(
      "length_mismatch",
      `${inputs} has ${x.shape[0]} rows and ${labels} has ${y.shape[0]}: there must be one label for each`,
    );
  }
  const beyond = (code, n, what, most) =>
    invalid(code, `${inputs} has ${n} ${what}, more than the ${most} that are possible`);
  if (x.shape[0] > limits.maxRows) throw beyond("too_many_rows", x.shape[0], "rows", limits.maxRows);
  if (x.shape.length === 2 && x.shape[1] > limits.maxColumns) {
    throw beyond("too_many_columns", x.shape[1], "columns", limits.maxColumns);
  }
  if (product(x.shape) > limits.maxValues) {
    throw beyond("too_many_values", product(x.shape), "values", limits.maxValues);
  }
}
