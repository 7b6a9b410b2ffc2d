/** The options of a training in words: what each is for, in which unit, and which belong together. Bounds come from the API. */

/**
 * @typedef {object} Option
 * @property {string} name of a specification's field @property {string} label @property {string} help one sentence
 * @property {string} [unit] @property {boolean} [whole] whole numbers only
 * @property {Record<string, string>} [words] a choice's words by value @property {(spec: object) => boolean} [when] it matters
 */

export const MODELS = {
  logistic: "Logistic regression: the fastest and cheapest; a good first try for tables",
  mlp: "MLP, two layers of 200: for tables, and small pictures where time matters",
  cnn: "CNN: for pictures, which must be square where they come as a table",
  custom: "My own Keras model (JSON)",
};

/** @type {Option[]} */
export const BASIC = [
  {
    name: "rounds",
    label: "Rounds",
    whole: true,
    help: "How often the nodes' work is folded into one model; more costs more and learns longer.",
  },
  {
    name: "local_epochs",
    label: "Local epochs",
    whole: true,
    unit: "passes",
    help: "Passes over its own rows that a node makes in each round.",
  },
  {
    name: "batch_size",
    label: "Batch size",
    whole: true,
    unit: "rows",
    help: "Rows per training step: small is steadier on little data, large is faster on a GPU.",
  },
  {
    name: "optimizer",
    label: "Optimizer",
    help: "How a node turns errors into changes of the model; momentum suits most data, Adam is quick at the start.",
    words: { sgd: "SGD", momentum: "SGD with momentum", adam: "Adam", rmsprop: "RMSprop" },
  },
  {
    name: "learning_rate",
    label: "Learning rate",
    help: "How large each step is; 0 takes the optimizer's own.",
  },
];

/** @type {{title: string, about: string, options: Option[]}[]} */
export const ADVANCED = [
  {
    title: "Nodes",
    about: "Who trains, and on which rows.",
    options: [
      {
        name: "trainers",
        label: "Trainers",
        whole: true,
        unit: "nodes",
        help: "How many nodes share the rows; the job waits until as many are free.",
      },
      {
        name: "participants",
        label: "Updates wanted each round",
        whole: true,
        unit: "nodes",
        help: "0 asks every trainer in every round; fewer is cheaper and learns more slowly.",
      },
      {
        name: "over_selection",
        label: "More asked than wanted",
        unit: "share",
        help: "Part of the trainers asked in addition, so that a round need not wait for the slowest.",
        when: (spec) => spec.participants > 0,
      },
      {
        name: "partition",
        label: "How rows are dealt",
        help: "By the same mix for everyone, or by class to see how the training bears it.",
        words: { iid: "the same mix for every node", label_skew: "different classes for different nodes" },
      },
      {
        name: "scheme",
        label: "Pay among the nodes",
        help: "Composite pays contribution, energy and speed; accuracy pays by each node's own accuracy alone.",
        words: { composite: "composite", accuracy: "accuracy" },
      },
    ],
  },
  {
    title: "Aggregation",
    about: "How the nodes' updates become one model.",
    options: [
      {
        name: "aggregation",
        label: "Rule",
        help: "Auto is the mean, and does without suspect updates; the others bear cheats and cost accuracy where nodes differ.",
        words: {
          auto: "auto",
          mean: "mean",
          median: "median",
          trimmed_mean: "trimmed mean",
          multi_krum: "multi-Krum",
          fltrust: "FLTrust",
        },
      },
      {
        name: "tolerated_share",
        label: "Dishonest share reckoned with",
        unit: "share",
        help: "Part of the updates that the rule may leave out.",
        when: (spec) => ["trimmed_mean", "multi_krum"].includes(spec.aggregation),
      },
      {
        name: "server_optimizer",
        label: "Server optimizer",
        help: "What turns a round's folded update into a step; SGD with rate 1 takes it as it is.",
        words: { sgd: "SGD", momentum: "SGD with momentum", adam: "Adam" },
      },
      {
        name: "server_learning_rate",
        label: "Server learning rate",
        help: "How large that step is.",
      },
      {
        name: "zeroing",
        label: "Leave out huge updates",
        help: "Updates far larger than any before count as none.",
        when: (spec) => averages(spec) && !spec.privacy_noise,
      },
      {
        name: "clipping",
        label: "Shorten long updates",
        help: "The longest updates are scaled down to the usual length.",
        when: (spec) => averages(spec) && !spec.privacy_noise,
      },
    ],
  },
  {
    title: "Differential privacy of the model",
    about:
      "Noise makes it hard to tell from the model's weights whether a row, or a node's rows, were in the data. It costs accuracy, and " +
      "much of it with few nodes: the noise is about noise × √weights ÷ nodes times as long as an update, so 14 times as long with a " +
      "noise of 1, 3 000 weights and 4 nodes. It hides nothing from the nodes that train, and covers neither metrics nor preprocessing.",
    options: [
      {
        name: "privacy_noise",
        label: "Noise",
        unit: "× clip",
        help: "0 is none and no privacy; from 0.1 on, more is more private and less accurate.",
        when: averages,
      },
      {
        name: "privacy_clip",
        label: "Clip",
        unit: "length",
        help: "Every update is scaled down to this length; too short slows learning, too long asks for more noise.",
        when: (spec) => spec.privacy_noise > 0,
      },
      {
        name: "privacy_adaptive",
        label: "Let the clip follow the updates",
        help: "The clip moves to the updates' median length, which is itself estimated privately.",
        when: (spec) => spec.privacy_noise > 0,
      },
      {
        name: "privacy_delta",
        label: "Delta",
        unit: "probability",
        help: "At which epsilon is reported; well below one in the number of rows.",
        when: (spec) => spec.privacy_noise > 0,
      },
    ],
  },
  {
    title: "Energy and checking",
    about: "",
    options: [
      {
        name: "energy_budget_joules",
        label: "Energy budget",
        whole: true,
        unit: "J",
        help: "You get a letter when training has taken more; 0 is no budget. The job goes on.",
      },
      {
        name: "replayed_segments",
        label: "Segments re-run",
        whole: true,
        unit: "of each update",
        help: "How many pieces of a node's work others repeat to check it.",
      },
      {
        name: "segment_steps",
        label: "Length of a segment",
        whole: true,
        unit: "steps",
        help: "Training steps between two checkpoints.",
      },
    ],
  },
];

/** @type {Option[]} */
export const SWITCHES = [
  {
    name: "flexible_start",
    label: "Wait for cleaner power",
    help: "Training may wait for hours with a cleaner grid, as far as the deadline allows.",
  },
  {
    name: "publish",
    label: "Publish the result",
    help: "Anybody who asks for the same training of the same dataset may have the model; your rows are not published.",
  },
];

/** Every option that a form has. @returns {Option[]} */
function allOptions() {
  return [...BASIC, ...ADVANCED.flatMap(({ options }) => options), ...SWITCHES];
}

/**
 * The specification to ask for: every option by its value, so that the offer can be checked against all of it; those that do not
 * matter as things stand keep their defaults.
 * @param {Record<string, any>} values by field @param {Record<string, {default: any}>} bounds of GET /api/config
 */
export function specificationOf(values, bounds) {
  const spec = { model: values.model, keras_json: values.model === "custom" ? values.keras_json : null };
  spec.target = values.target ?? null;
  for (const { name, when } of allOptions()) {
    spec[name] = when && !when(values) ? bounds[name].default : (values[name] ?? bounds[name].default);
  }
  return spec;
}

function averages(spec) {
  return ["auto", "mean"].includes(spec.aggregation);
}
