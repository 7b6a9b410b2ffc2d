pragma circom 2.1.6;

include "bitify.circom";
include "poseidon.circom";

// Packs `perElement` values of `bits` bits into each field element, the first one lowest. The values must be in range.
template Packed(n, bits) {
    var perElement = 252 \ bits;
    var elements = (n + perElement - 1) \ perElement;
    signal input in[n];
    signal output out[elements];

    for (var element = 0; element < elements; element++) {
        var sum = 0;
        for (var slot = 0; slot < perElement; slot++) {
            var index = element * perElement + slot;
            if (index < n) {
                sum += in[index] * (1 << (bits * slot));
            }
        }
        out[element] <== sum;
    }
}

// "These n readings, which `commitment` binds to `job`, emitted at most `bound` micrograms of CO2e by these `factors`."
//
// Grid energy in millijoules x factor in mgCO2e per kWh, added up exactly: 1 microgram is 3 600 000 mJ x mg/kWh. Every value is
// held to its number of bits, so that no sum wraps: 96 x 2^40 x 2^21 < 2^68, and bound x 3 600 000 < 2^72. What is not used is 0.
//
//   factors    = Poseidon(packed mg/kWh)                  12 of 21 bits in each element
//   energies   = Poseidon(packed mJ)                       6 of 40 bits in each element
//   commitment = Poseidon(job, salt, energies, factors)
template GreenBudget(n) {
    var energyBits = 40;
    var factorBits = 21;
    var boundBits = 50;

    signal input job;
    signal input bound;
    signal input commitment;
    signal input factors;
    signal input salt;
    signal input millijoules[n];
    signal input mgPerKwh[n];

    component energyRange[n];
    component factorRange[n];
    signal emitted[n];
    var total = 0;
    for (var i = 0; i < n; i++) {
        energyRange[i] = Num2Bits(energyBits);
        energyRange[i].in <== millijoules[i];
        factorRange[i] = Num2Bits(factorBits);
        factorRange[i].in <== mgPerKwh[i];
        emitted[i] <== millijoules[i] * mgPerKwh[i];
        total += emitted[i];
    }

    // What is left of the bound is not negative: a negative number has no such bits.
    component boundRange = Num2Bits(boundBits);
    boundRange.in <== bound;
    component left = Num2Bits(boundBits + 22);
    left.in <== bound * 3600000 - total;

    var perFactors = 252 \ factorBits;
    component packedFactors = Packed(n, factorBits);
    packedFactors.in <== mgPerKwh;
    component hashedFactors = Poseidon((n + perFactors - 1) \ perFactors);
    hashedFactors.inputs <== packedFactors.out;
    factors === hashedFactors.out;

    var perEnergies = 252 \ energyBits;
    component packedEnergies = Packed(n, energyBits);
    packedEnergies.in <== millijoules;
    component hashedEnergies = Poseidon((n + perEnergies - 1) \ perEnergies);
    hashedEnergies.inputs <== packedEnergies.out;

    component committed = Poseidon(4);
    committed.inputs[0] <== job;
    committed.inputs[1] <== salt;
    committed.inputs[2] <== hashedEnergies.out;
    committed.inputs[3] <== factors;
    commitment === committed.out;
}
