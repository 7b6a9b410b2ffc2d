"""The decision trees beside the contracts' tests, held to the tests they promise; see tests/contracts/README.md."""

import ast
import re
from pathlib import Path

import pytest

CONTRACT_TESTS = Path(__file__).parents[2] / "contracts"
TREELESS = {"test_rules.py"}
"""Random histories have no branches."""

LINE = re.compile(r"(?P<indent>(?:│   |    )*)(?:├── |└── )(?P<kind>given|when|it should) (?P<words>.+)")
INDENT = len("│   ")
THIRD_PERSON = {"be": "is", "have": "has"}


def promised_by(tree: str) -> list[str]:
    """The name of the test of every leaf, in order; ValueError for a line that no tree has."""
    root, *lines = tree.splitlines()
    path: list[str] = []
    names = []
    for line in lines:
        parts = LINE.fullmatch(line)
        depth = len(parts["indent"]) // INDENT if parts else -1
        if parts is None or depth > len(path):
            raise ValueError(f"not a line of a tree: {line!r}")
        del path[depth:]
        if parts["kind"] != "it should":
            path.append(parts["words"])
        elif path:
            names.append(f"test_{root}__{_snake(path[-1])}__{_snake(_third_person(parts['words']))}")
        else:
            raise ValueError(f"a leaf without a condition: {line!r}")
    return names


def _third_person(words: str) -> str:
    verb, _, rest = words.partition(" ")
    ending = "es" if verb.endswith(("s", "sh", "ch", "x", "o")) else "s"
    return f"{THIRD_PERSON.get(verb, verb + ending)} {rest}"


def _snake(words: str) -> str:
    return re.sub(r"\W+", "_", words.lower()).strip("_")


def _tests_in(path: Path) -> list[str]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [node.name for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def _tree_of(path: Path) -> Path:
    return path.with_name(f"{path.stem.removeprefix('test_')}.tree")


WITH_TREES = sorted(path for path in CONTRACT_TESTS.rglob("test_*.py") if path.name not in TREELESS)


def test_trees__every_file_of_tests__has_one_and_no_tree_is_alone():
    trees = set(CONTRACT_TESTS.rglob("*.tree"))

    assert trees == {_tree_of(path) for path in WITH_TREES}
    assert {tree.read_text(encoding="utf-8").splitlines()[0] for tree in trees} == {
        tree.stem for tree in trees
    }


@pytest.mark.parametrize("path", WITH_TREES, ids=lambda path: str(path.relative_to(CONTRACT_TESTS)))
def test_trees__every_leaf__is_a_test_and_every_test_a_leaf(path: Path):
    promised = promised_by(_tree_of(path).read_text(encoding="utf-8"))

    assert sorted(promised) == sorted(_tests_in(path))
    assert len(promised) == len(set(promised))


def test_promised_by__nested_conditions__names_the_nearest_one():
    tree = """\
pay
├── given it is late
│   ├── when nobody asks
│   │   └── it should be refused
│   └── it should have a fee
└── when it's on time
    └── it should pass 2 coins
"""

    assert promised_by(tree) == [
        "test_pay__nobody_asks__is_refused",
        "test_pay__it_is_late__has_a_fee",
        "test_pay__it_s_on_time__passes_2_coins",
    ]


@pytest.mark.parametrize(
    "line", ["└── it should be alone", "└── maybe so", "│   └── when too deep", "when undrawn"]
)
def test_promised_by__a_line_that_no_tree_has__is_refused(line: str):
    with pytest.raises(ValueError, match=re.escape(repr(line))):
        promised_by(f"pay\n{line}")
