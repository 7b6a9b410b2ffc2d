// Which of several inputs have a witness: JSON by name on standard input, true or false by name on standard output.

import fs from "node:fs";

import { wtns } from "snarkjs";

const cases = JSON.parse(fs.readFileSync(0, "utf8"));
const found = {};
for (const [name, inputs] of Object.entries(cases)) {
  try {
    await wtns.calculate(inputs, process.argv[2], { type: "mem" });
    found[name] = true;
  } catch (error) {
    if (!/Assert Failed/.test(String(error))) throw error;
    found[name] = false;
  }
}
console.log(JSON.stringify(found));
process.exit(0);
