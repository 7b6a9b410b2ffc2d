// Proves that a job's readings stay under a bound: inputs as JSON on standard input, the proof as JSON on standard output.
//
//   node scripts/circuits/prove.mjs FOLDER < inputs.json
//
// FOLDER is what build.mjs made. Exit status 3: the inputs do not keep the circuit's constraints, so there is no such proof.

import fs from "node:fs";
import path from "node:path";

import { groth16 } from "snarkjs";

const NO_WITNESS = 3;

const folder = process.argv[2];
const inputs = JSON.parse(fs.readFileSync(0, "utf8"));
const started = performance.now();
try {
  const { proof, publicSignals } = await groth16.fullProve(
    inputs,
    path.join(folder, "circuit.wasm"),
    path.join(folder, "proving.zkey"),
  );
  const [[b00, b01], [b10, b11]] = proof.pi_b;
  console.log(
    JSON.stringify({
      // As the verifier takes it: of a coordinate in G2, the imaginary part first.
      proof: [...proof.pi_a.slice(0, 2), b01, b00, b11, b10, ...proof.pi_c.slice(0, 2)],
      public: publicSignals,
      seconds: (performance.now() - started) / 1000,
    }),
  );
  process.exit(0);
} catch (error) {
  console.error(String(error.message ?? error).split("\n")[0]);
  process.exit(/Assert Failed/.test(String(error)) ? NO_WITNESS : 1);
}
