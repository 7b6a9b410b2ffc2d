"""The circuits themselves: what they take, and what no witness exists for."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.adapters.prover import ROOT, SnarkjsProver, circuit_inputs
from backend.domain.green_proof import GreenClaim
from backend.errors import Conflict, Unrecoverable
from fl_nodes.protocol.green import BOUND_BITS, ENERGY_BITS, FACTOR_BITS, Slots
from fl_nodes.protocol.poseidon import FIELD
from scripts.circuits.example import claim

Inputs = dict[str, Any]


def _takes(keys: Path, size: int, cases: dict[str, Inputs]) -> dict[str, bool]:
    """Whether each case has a witness; all in one process, since starting one costs a second."""
    script = ROOT / "tests" / "integration" / "circuits" / "witnesses.mjs"
    wasm = keys / str(size) / "circuit.wasm"
    said = subprocess.run(
        ["node", str(script), str(wasm)], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    found: dict[str, bool] = json.loads(said.stdout)
    return found


def _changed(inputs: Inputs, **values: Any) -> Inputs:
    return {**inputs, **values}


def _with(inputs: Inputs, name: str, index: int, value: int) -> Inputs:
    values = list(inputs[name])
    values[index] = str(value)
    return _changed(inputs, **{name: values})


def _recommitted(honest: GreenClaim, millijoules: tuple[int, ...], bound: int) -> Inputs:
    """With commitments that fit the values, so that nothing but their range or sum is wrong."""
    inputs = circuit_inputs(GreenClaim(honest.job, honest.slots, honest.salt, bound))
    return _changed(inputs, millijoules=[str(value % FIELD) for value in millijoules])


@pytest.mark.parametrize("size", [24, 96])
def test_circuit__honest_and_dishonest_inputs__only_the_honest_have_a_witness(keys: Path, size: int) -> None:
    honest = claim(size)
    inputs = circuit_inputs(honest)
    first_factor = honest.slots.mg_per_kwh[0]
    swapped = (honest.slots.millijoules[1], honest.slots.millijoules[0], *honest.slots.millijoules[2:])
    full = Slots(((1 << ENERGY_BITS) - 1,) * size, ((1 << FACTOR_BITS) - 1,) * size)
    largest = GreenClaim(honest.job, full, honest.salt, full.micrograms)

    taken = _takes(
        keys,
        size,
        {
            "honest": inputs,
            "largest values": circuit_inputs(largest),
            "largest values, a microgram less": circuit_inputs(
                GreenClaim(honest.job, full, honest.salt, full.micrograms - 1)
            ),
            "a microgram over the bound": _changed(inputs, bound=str(honest.bound - 1)),
            "bound of too many bits": _changed(inputs, bound=str(1 << BOUND_BITS)),
            "bound that wraps": _changed(inputs, bound=str(FIELD - 1)),
            "a lower factor": _with(inputs, "mgPerKwh", 0, first_factor - 1),
            "a factor of too many bits": _with(inputs, "mgPerKwh", 0, 1 << FACTOR_BITS),
            "less energy": _with(inputs, "millijoules", 0, honest.slots.millijoules[0] - 1),
            "energies in another order": _recommitted(honest, swapped, honest.bound),
            "energy of too many bits": _with(inputs, "millijoules", 0, 1 << ENERGY_BITS),
            "negative energy": _with(inputs, "millijoules", 0, FIELD - 1),
            "another job": _changed(inputs, job="7"),
            "another salt": _changed(inputs, salt="7"),
            "another commitment": _changed(inputs, commitment="7"),
            "another factors' commitment": _changed(inputs, factors="7"),
        },
    )

    assert [name for name, has in taken.items() if has] == ["honest", "largest values"]


def _packed_alike(slots: Slots) -> tuple[int, ...]:
    """Other energies that pack into the same field elements: the second lends 2^40 to the first."""
    return (slots.millijoules[0] + (1 << ENERGY_BITS), slots.millijoules[1] - 1, *slots.millijoules[2:])


def test_circuit__energies_that_pack_alike__refused_by_their_range(keys: Path) -> None:
    honest = claim(24)
    generous = circuit_inputs(GreenClaim(honest.job, honest.slots, honest.salt, (1 << BOUND_BITS) - 1))
    alike = _changed(generous, millijoules=[str(v) for v in _packed_alike(honest.slots)])

    assert _takes(keys, 24, {"honest": generous, "alike": alike}) == {"honest": True, "alike": False}


@pytest.fixture
def prover(keys: Path) -> SnarkjsProver:
    return SnarkjsProver(keys)


def test_prove__a_claim_that_holds__a_proof_of_it(prover: SnarkjsProver) -> None:
    honest = claim(24)
    proof = prover.prove(honest)

    assert (proof.size, proof.bound) == (24, honest.bound)
    assert proof.commitment == honest.slots.commitment(honest.job, honest.salt)
    assert proof.factors == honest.slots.factors
    assert len(proof.points) == 8


@pytest.mark.parametrize("bound", [lambda least: least - 1, lambda _: -1, lambda _: 1 << BOUND_BITS])
def test_prove__a_bound_that_does_not_hold__refused(
    prover: SnarkjsProver, bound: Callable[[int], int]
) -> None:
    honest = claim(24)

    with pytest.raises(Conflict, match="no such proof") as refused:
        prover.prove(GreenClaim(honest.job, honest.slots, honest.salt, bound(honest.bound)))
    assert refused.value.code == "certificate.over_bound"


def test_prove__no_keys__says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(Unrecoverable, match="make circuits"):
        SnarkjsProver(tmp_path).prove(claim(24))
