#!/usr/bin/env node
// Looks like a native `solc` and runs npm's solcjs: what py-solc-x, forge and slither need, which is
// --version and --standard-json.
"use strict";
const fs = require("fs");
const path = require("path");
process.emitWarning = () => {};

const root = process.env.SOLCJS_ROOT || path.resolve(__dirname, "../..");
const requireFromRoot = require("module").createRequire(path.join(root, "package.json"));
const argv = process.argv.slice(2);

if (argv.includes("--version")) printVersion();
else if (argv.includes("--standard-json")) compile();
else {
  process.stderr.write("This solc only knows --version and --standard-json.\n");
  process.exitCode = 1;
}

function printVersion() {
  // Loading the compiler costs a second and callers ask for the version often: it is kept beside the package.
  const kept = path.join(root, "node_modules/solc/.native-version");
  let version;
  if (fs.existsSync(kept)) version = fs.readFileSync(kept, "utf8").trim();
  if (!version) {
    version = requireFromRoot("solc")
      .version()
      .replace(/\.Emscripten\.clang$/, ".Linux.g++");
    fs.writeFileSync(kept, version + "\n");
  }
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
}

function compile() {
  const folders = [process.cwd()];
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === "--base-path") folders.unshift(path.resolve(argv[++i]));
    else if (argv[i] === "--include-path") folders.push(path.resolve(argv[++i]));
    else if (argv[i] === "--allow-paths") i++;
  }
  const readImport = (name) => {
    for (const folder of folders) {
      const file = path.resolve(folder, name);
      if (fs.existsSync(file)) return { contents: fs.readFileSync(file, "utf8") };
    }
    return { error: `File not found: ${name}` };
  };
  const input = fs.readFileSync(0, "utf8");
  process.stdout.write(requireFromRoot("solc").compile(input, { import: readImport }));
}
