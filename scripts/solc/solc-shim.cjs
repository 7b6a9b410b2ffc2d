#!/usr/bin/env node
// Native-`solc` look-alike on top of npm's solcjs (wasm). Supports what py-solc-x,
// forge and slither/crytic-compile need: --version and --standard-json on stdin.
'use strict';
const fs = require('fs');
const path = require('path');
process.emitWarning = () => {};
const root = process.env.SOLCJS_ROOT || path.resolve(__dirname, '../..');
const req = require('module').createRequire(path.join(root, 'package.json'));
const argv = process.argv.slice(2);

if (argv.includes('--version')) {
  // cheap: do not instantiate the 8 MB wasm module just to print the version
  const cache = path.join(root, 'node_modules/solc/.native-version');
  let v;
  try { v = fs.readFileSync(cache, 'utf8').trim(); } catch {
    v = req('solc').version().replace(/\.Emscripten\.clang$/, '.Linux.g++');
    try { fs.writeFileSync(cache, v + '\n'); } catch {}
  }
  process.stdout.write(
    `solc, the solidity compiler commandline interface\nVersion: ${v}\n`);
  process.exit(0);
}
if (!argv.includes('--standard-json')) {
  process.stderr.write('solc shim: only --version and --standard-json are supported\n');
  process.exit(1);
}
const include = [];
let base = process.cwd();
for (let i = 0; i < argv.length; i++) {
  if (argv[i] === '--base-path') base = path.resolve(argv[++i]);
  else if (argv[i] === '--include-path') include.push(path.resolve(argv[++i]));
  else if (argv[i] === '--allow-paths') i++;
}
const readImport = (p) => {
  for (const d of [base, ...include, process.cwd()]) {
    const f = path.isAbsolute(p) ? p : path.join(d, p);
    if (fs.existsSync(f)) return { contents: fs.readFileSync(f, 'utf8') };
  }
  return { error: `File not found: ${p}` };
};
const input = fs.readFileSync(0, 'utf8');
const out = req('solc').compile(input, { import: readImport });
fs.writeSync(1, ''); process.stdout.write(out);
