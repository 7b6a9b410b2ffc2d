// Reads datasets with the web app's modules. Standard input: a JSON list of {files: [{name, path}], target, limits}; standard
// output: a JSON list of {facts, columns, counts, warnings, header, sha256 of the file to upload} or {code, message}.

import { readFileSync } from "node:fs";
import { LIMITS } from "/static/datasets/limits.js";
import { DatasetInvalid } from "/static/datasets/refusal.js";
import { factsOf, inspect } from "/static/datasets/inspection.js";

async function read({ files, target, limits }) {
  const opened = files.map(({ name, path }) => new File([readFileSync(path)], name));
  try {
    const read = await inspect(opened, { target, limits: { ...LIMITS, ...limits } });
    const { columns, counts, warnings, hasHeader } = read.table;
    return { facts: factsOf(read), columns, counts, warnings, header: Boolean(hasHeader) };
  } catch (error) {
    if (!(error instanceof DatasetInvalid)) return { code: "bug", message: String(error.stack) };
    return { code: error.code, message: error.message };
  }
}

const answers = [];
for (const asked of JSON.parse(readFileSync(0, "utf8"))) answers.push(await read(asked));
process.stdout.write(JSON.stringify(answers));
