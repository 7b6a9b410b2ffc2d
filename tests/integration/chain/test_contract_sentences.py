"""What the pages say of the contracts' custom errors speaks of what these errors carry, and leaves out none that people meet."""

from __future__ import annotations

import re

from tests.support.artifacts import artifacts
from tests.support.javascript import node

PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")
# What only the operator, validators, a panel's verdict or a deployment can run into.
NOT_IN_PAGES = re.compile(
    r"JobEscrow_(ZeroAddress|CommissionTooHigh|Seed\w+|Bad(Trainer|Round)\w*|WrongCrew|NotEnoughValidators|"
    r"RoundOutOfOrder|QuorumNotReached|LengthMismatch|TooManyPayees|WrongSum)|"
    r"NodeStaking_(BadBaseline|NotFrozen|NotTheEscrow|EscrowAlreadySet|ZeroAddress|NoBeneficiaries)|"
    r"CarbonCredit_(BadBaseline|AlreadyFixed|JobSealed|NoBaseline|FixedTooLate|Unknown\w+|OtherJob|NoRound|BadKind|"
    r"BadZone|TooCertain|TooManyRounds|HourExhausted|BeyondTheJob)"
)


def _sentences() -> dict[str, str]:
    body = """
    const { CONTRACT_SENTENCES } = await import(`${frontend}/wallet/contract-sentences.js`);
    give(CONTRACT_SENTENCES);
    """
    sentences: dict[str, str] = node(body)
    return sentences


def _errors() -> dict[str, dict[str, str]]:
    abis = (built["abi"] for built in artifacts().values())
    return {
        entry["name"]: {argument["name"]: argument["type"] for argument in entry["inputs"]}
        for abi in abis
        for entry in abi
        if entry["type"] == "error"
    }


def test_sentences__every_one__names_arguments_of_its_error_in_a_form_that_fits() -> None:
    errors = _errors()
    for name, sentence in _sentences().items():
        assert sentence.endswith((".", "…")), sentence
        for argument, form in PLACEHOLDER.findall(sentence):
            kind = errors[name][argument]
            fits = {"dml": "uint", "coin": "uint", "co2": "uint", "time": "uint", "short": "address", "": ""}
            assert kind.startswith(fits[form]), (name, argument, form, kind)


def test_sentences__errors_of_what_people_call__are_all_there() -> None:
    called = {n for n in _errors() if n.startswith(("JobEscrow_", "NodeStaking_", "CarbonCredit_"))}
    left_out = called - set(_sentences())
    assert {name for name in left_out if not NOT_IN_PAGES.fullmatch(name)} == set()


def test_sentences__filled_in__read_as_people_write() -> None:
    body = """
    const { CONTRACT_SENTENCES, fillIn } = await import(`${frontend}/wallet/contract-sentences.js`);
    give(given.map(([name, values]) => fillIn(CONTRACT_SENTENCES[name], values)));
    """
    small = {"deposit": str(10**16), "minDeposit": str(10**17)}
    said = node(
        body,
        [
            ["NodeStaking_DepositTooSmall", small],
            ["NodeStaking_BadName", {"name": "a b"}],
            ["NodeStaking_Banned", {"account": "0x" + "ab" * 20}],
        ],
    )
    assert said == [
        "The deposit of 0.01 coins is below the least, 0.1 coins.",
        "“a b” cannot be a node's name: it takes 1 to 40 letters, digits, dots, dashes and underscores.",
        "0xabab…abab is banned for life, because one of its jobs was proven false.",
    ]
