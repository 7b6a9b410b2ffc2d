"""docs/refusals.md lists every code a dataset can be refused with, and none that nothing raises."""

import re
from pathlib import Path

import backend.datasets

CODE = r"(?:dataset|split|shard|row|encoder|preprocessing)\.(?!json\b)[a-z_0-9]+"


def test_refusal_codes__in_the_code_and_in_the_list__are_the_same() -> None:
    package = Path(backend.datasets.__file__).parent
    raised = _codes(package) | {
        code
        for place in ("dispatch", "domain")
        for code in _codes(package.parent / place)
        if code.startswith("dataset.")
    }
    text = (package.parents[1] / "docs" / "refusals.md").read_text()
    listed = re.findall(rf"^\| `({CODE})` \|", text, re.MULTILINE)
    assert set(listed) == raised
    assert len(listed) == len(set(listed))


def _codes(folder: Path) -> set[str]:
    return {code for file in folder.glob("*.py") for code in re.findall(rf'"({CODE})"', file.read_text())}
