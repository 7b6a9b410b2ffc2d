// Compiles one green circuit and makes its keys.
//
//   node scripts/circuits/build.mjs --size 24 --into FOLDER [--ptau FILE]
//
// FOLDER then holds circuit.wasm (computes witnesses), proving.zkey, verifying.json and about.json, all or nothing. Without
// --ptau the keys come from a local ceremony. With it they stand on the powers of tau in FILE, prepared for the second phase,
// such as those of a ceremony of many; the second phase then has one contribution, from this machine.

import { createHash, randomBytes } from "node:crypto";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { getCurveFromName } from "ffjavascript";
import { r1cs, zKey } from "snarkjs";

import { writeLocalKey } from "./local_key.mjs";

const LABEL =
  "local ceremony, one machine: whoever ran it could forge proofs; for production run a multi-party ceremony";
const LABEL_WITH_POWERS =
  "given powers of tau, second phase on one machine: whoever ran it could forge proofs; for production add contributions of others";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const { values: options } = parseArgs({
  options: { size: { type: "string" }, into: { type: "string" }, ptau: { type: "string" } },
});
if (!options.size || !options.into) {
  console.error("usage: build.mjs --size 24|96 --into FOLDER [--ptau FILE]");
  process.exit(2);
}

const started = Date.now();
const scratch = `${options.into}.${process.pid}`;
fs.mkdirSync(scratch, { recursive: true });
const curve = await getCurveFromName("bn128");
try {
  const name = `green_${options.size}`;
  compile(name);
  const compiled = path.join(scratch, `${name}.r1cs`);
  const key = path.join(scratch, "proving.zkey");
  if (options.ptau) await keyFromPowers(compiled, options.ptau, key);
  else await writeLocalKey(curve, compiled, key);
  writeJson("verifying.json", await zKey.exportVerificationKey(key));
  fs.renameSync(path.join(scratch, `${name}_js`, `${name}.wasm`), path.join(scratch, "circuit.wasm"));
  const { nConstraints } = await r1cs.info(compiled);
  for (const rest of [`${name}_js`, `${name}.r1cs`, "circomlib", "circuits"]) {
    fs.rmSync(path.join(scratch, rest), { recursive: true });
  }
  writeJson("about.json", {
    size: Number(options.size),
    constraints: nConstraints,
    ceremony: options.ptau ? LABEL_WITH_POWERS : LABEL,
    seconds: (Date.now() - started) / 1000,
    sha256: Object.fromEntries(fs.readdirSync(scratch).map((file) => [file, digest(file)])),
  });
  fs.rmSync(options.into, { recursive: true, force: true });
  fs.renameSync(scratch, options.into);
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
  await curve.terminate();
}

function compile(name) {
  // circom runs in a sandbox that follows no links and sees nothing above the folder it is started in.
  fs.cpSync(path.join(root, "node_modules/circomlib/circuits"), path.join(scratch, "circomlib"), {
    recursive: true,
    dereference: true,
  });
  fs.cpSync(path.join(root, "contracts/circuits"), path.join(scratch, "circuits"), { recursive: true });
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      path.join(root, "node_modules/circom2/cli.js"),
      `circuits/${name}.circom`,
      ...["--O2", "--r1cs", "--wasm", "-o", ".", "-l", "circomlib"],
    ],
    { cwd: scratch, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`circom refused ${name}.circom:\n${stdout}${stderr}`);
}

async function keyFromPowers(compiled, powers, key) {
  const first = path.join(scratch, "first.zkey");
  if ((await zKey.newZKey(compiled, powers, first)) === -1) {
    throw new Error(
      `${powers} does not fit the circuit: too few powers, or not prepared for the second phase.`,
    );
  }
  await zKey.contribute(first, key, "this machine", randomBytes(64).toString("hex"));
  fs.rmSync(first);
}

function writeJson(file, value) {
  fs.writeFileSync(path.join(scratch, file), JSON.stringify(value, null, 1) + "\n");
}

function digest(file) {
  return createHash("sha256")
    .update(fs.readFileSync(path.join(scratch, file)))
    .digest("hex");
}
