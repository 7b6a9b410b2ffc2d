"""When the planted bugs as a whole count as caught."""

from dataclasses import replace

from scripts.contracts.mutants import FEWEST, Verdict, complaints_about
from scripts.contracts.planted import RULES, Mutant

BUG = Mutant("bug", "contracts/Purse.sol", 1, "A purse is not emptied.", "a", "b")


def _caught_everywhere():
    return [
        Verdict(
            replace(BUG, name=f"bug-{i}-{rule}", rule=rule), "caught", (f"T.invariant_rule{rule}_x",), "", 1.0
        )
        for rule in RULES
        for i in range(-(-FEWEST // len(RULES)))
    ]


def test_complaints__all_each_rule_with_an_invariant_broken__none():
    assert complaints_about(_caught_everywhere(), whole=True) == []


def test_complaints__survivor__is_named_with_its_bug():
    verdicts = [*_caught_everywhere(), Verdict(BUG, "survived", (), "", 1.0)]

    assert complaints_about(verdicts, whole=True) == ["bug survived: A purse is not emptied."]


def test_complaints__mutant_that_only_breaks_set_up__does_not_count_as_caught():
    verdicts = [Verdict(BUG, "breaks setUp", ("T.setUp",), "", 1.0)]

    assert len(complaints_about(verdicts, whole=False)) == 1


def test_complaints__rule_whose_bugs_break_other_invariants_only__is_named():
    verdicts = [
        replace(v, failed=("T.invariant_rule5_x",)) if v.mutant.rule == 4 else v for v in _caught_everywhere()
    ]

    (complaint,) = complaints_about(verdicts, whole=True)
    assert "rule 4" in complaint


def test_complaints__fewer_than_promised__is_said_for_the_whole_set_only():
    few = _caught_everywhere()[: FEWEST - 1]

    assert complaints_about(few, whole=False) == []
    assert any(str(FEWEST) in complaint for complaint in complaints_about(few, whole=True))
