// A Groth16 proving key made on one machine, for a circuit as circom compiled it.
//
// In a ceremony of several nobody may know the secrets, so snarkjs transforms points: minutes for circuits of this size. One
// machine on its own knows them anyway while it draws them, so it adds up the circuit's polynomials at tau as plain numbers and
// multiplies the generators by the sums: seconds. The file is snarkjs's own format, and snarkjs proves and verifies with it. What
// that means for trust is in LABEL of `build.mjs`; a key from a ceremony of several is made by snarkjs itself.
//
// Groth, "On the Size of Pairing-based Non-interactive Arguments", EUROCRYPT 2016, section 3.2; gamma is 1, as in snarkjs.

import { createHash, randomBytes } from "node:crypto";

import * as binary from "@iden3/binfileutils";
import { Scalar } from "ffjavascript";
import { readR1cs } from "r1csfile";

const WINDOW = 8;
const BYTES = 32;

/**
 * Writes the proving key of the circuit in `r1csPath` to `keyPath`. The secrets are forgotten with the call.
 *
 * @param {object} curve bn128, as `ffjavascript` builds it
 * @param {string} r1csPath
 * @param {string} keyPath
 * @param {() => Uint8Array} draw 64 bytes of randomness a time
 */
export async function writeLocalKey(curve, r1csPath, keyPath, draw = () => randomBytes(64)) {
  const { Fr, G1, G2 } = curve;
  const [tau, alpha, beta, delta] = Array.from({ length: 4 }, () => secret(Fr, draw()));
  const circuit = await readR1cs(r1csPath, { F: Fr, loadConstraints: true, loadMap: false });
  const publics = circuit.nPubInputs + circuit.nOutputs;
  const power = Math.ceil(Math.log2(circuit.nConstraints + publics + 1));
  const { u, v, w, coefficients } = polynomialsAt(Fr, circuit, publics, lagrange(Fr, power, tau));

  const perDelta = Fr.inv(delta);
  const combined = u.map((value, i) => Fr.add(Fr.add(Fr.mul(beta, value), Fr.mul(alpha, v[i])), w[i]));
  const forPublic = combined.slice(0, publics + 1);
  const forPrivate = combined.slice(publics + 1).map((value) => Fr.mul(value, perDelta));
  const quotient = lagrange(Fr, power + 1, tau).filter((_, i) => i % 2 === 1);

  const g1 = multiplier(curve, G1);
  const g2 = multiplier(curve, G2);
  const header = [await g1([alpha]), await g1([beta]), await g2([beta]), await g2([Fr.one])];
  header.push(await g1([delta]), await g2([delta]));

  const file = await binary.createBinFile(keyPath, "zkey", 1, 10);
  await section(file, 1, async () => file.writeULE32(1));
  await section(file, 2, async () => {
    await file.writeULE32(BYTES);
    await binary.writeBigInt(file, curve.q, BYTES);
    await file.writeULE32(BYTES);
    await binary.writeBigInt(file, curve.r, BYTES);
    await file.writeULE32(circuit.nVars);
    await file.writeULE32(publics);
    await file.writeULE32(2 ** power);
    for (const point of header) await file.write(point);
  });
  const points = [
    [3, await g1(forPublic)],
    [4, written(Fr, coefficients)],
    [5, await g1(u)],
    [6, await g1(v)],
    [7, await g2(v)],
    [8, await g1(forPrivate)],
    [9, await g1(quotient.map((value) => Fr.mul(value, perDelta)))],
  ];
  const hash = createHash("blake2b512");
  for (const [id, bytes] of points) {
    await section(file, id, async () => file.write(bytes));
    hash.update(bytes);
  }
  await section(file, 10, async () => {
    await file.write(new Uint8Array(hash.digest()));
    await file.writeULE32(0);
  });
  await file.close();
}

async function section(file, id, write) {
  await binary.startWriteSection(file, id);
  await write();
  await binary.endWriteSection(file);
}

/** A scalar from 64 random bytes: so many that reducing them favours no value. */
function secret(Fr, bytes) {
  return Fr.e(Scalar.mod(Scalar.fromRprLE(bytes, 0, 64), Fr.p));
}

/**
 * Each wire's polynomials at tau, and the coefficients of the first two with their place.
 *
 * The public wires get a row of their own behind the constraints, which keeps their polynomials apart (as in snarkjs).
 */
function polynomialsAt(Fr, circuit, publics, basis) {
  const [u, v, w] = Array.from({ length: 3 }, () => new Array(circuit.nVars).fill(Fr.zero));
  const coefficients = [];
  circuit.constraints.forEach((constraint, row) => {
    [u, v, w].forEach((sums, matrix) => {
      for (const [wire, value] of Object.entries(constraint[matrix])) {
        sums[wire] = Fr.add(sums[wire], Fr.mul(value, basis[row]));
        if (matrix < 2) coefficients.push([matrix, row, Number(wire), value]);
      }
    });
  });
  for (let wire = 0; wire <= publics; wire++) {
    const row = circuit.nConstraints + wire;
    u[wire] = Fr.add(u[wire], basis[row]);
    coefficients.push([0, row, wire, Fr.one]);
  }
  return { u, v, w, coefficients };
}

/** The section of coefficients: each doubly in Montgomery's form, as snarkjs keeps them. */
function written(Fr, coefficients) {
  const width = 12 + BYTES;
  const bytes = new Uint8Array(4 + coefficients.length * width);
  const view = new DataView(bytes.buffer);
  const montgomery = Fr.e(Scalar.mod(Scalar.shl(1, BYTES * 8), Fr.p));
  const squared = Fr.mul(montgomery, montgomery);
  view.setUint32(0, coefficients.length, true);
  coefficients.forEach(([matrix, row, wire, value], index) => {
    const at = 4 + index * width;
    view.setUint32(at, matrix, true);
    view.setUint32(at + 4, row, true);
    view.setUint32(at + 8, wire, true);
    Fr.toRprLE(bytes, at + 12, Fr.mul(value, squared));
  });
  return bytes;
}

/** The Lagrange basis of the domain of 2^power roots of unity, at tau: (tau^m - 1) / m x root / (tau - root). */
function lagrange(Fr, power, tau) {
  const size = 2 ** power;
  const factor = Fr.div(Fr.sub(Fr.exp(tau, size), Fr.one), Fr.e(size));
  const basis = [];
  for (let root = Fr.one; basis.length < size; root = Fr.mul(root, Fr.w[power])) {
    basis.push(Fr.mul(factor, Fr.div(root, Fr.sub(tau, root))));
  }
  return basis;
}

/** A function from scalars to the generator's multiples, affine and in a row; by a table of its small multiples. */
function multiplier(curve, group) {
  const table = [];
  for (let base = group.g; table.length < (BYTES * 8) / WINDOW;) {
    const row = [group.zero];
    while (row.length < 2 ** WINDOW) row.push(group.add(row[row.length - 1], base));
    table.push(row);
    base = group.add(row[row.length - 1], base);
  }
  const width = group.F.n8 * 3;
  return async (scalars) => {
    const points = new Uint8Array(scalars.length * width);
    const digits = new Uint8Array(BYTES);
    scalars.forEach((scalar, index) => {
      curve.Fr.toRprLE(digits, 0, scalar);
      let sum = group.zero;
      digits.forEach((digit, window) => {
        if (digit) sum = group.add(sum, table[window][digit]);
      });
      points.set(sum, index * width);
    });
    return group.batchToAffine(points);
  };
}
