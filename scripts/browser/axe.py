"""What axe-core finds wrong with a page for people who cannot see it, or use no mouse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
# The whole of WCAG 2.2 AA, and what axe calls best practice.
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, impact, help, helpUrl, nodes }) => ({
    id, impact, help, helpUrl, nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]),
  }));
}"""


@dataclass(frozen=True)
class Finding:
    """One rule that a page breaks, with the elements that do and what axe says about each."""

    rule: str
    impact: str
    help: str
    url: str
    elements: tuple[tuple[str, str], ...]

    @property
    def grave(self) -> bool:
        """Whether axe calls it serious or critical."""
        return self.impact in GRAVE

    def __str__(self) -> str:
        """The rule, and each element with what to do about it, for a person to read."""
        about = [f"{self.impact}: {self.help} ({self.rule}, {self.url})"]
        for element, summary in self.elements:
            about += [f"    {element[:300]}", *(f"        {line}" for line in summary.splitlines())]
        return "\n".join(about)


def findings(page: Page) -> list[Finding]:
    """Everything axe finds on the page as it is now."""
    # Evaluated over the debugging protocol: the page's policy allows no script but its own.
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(SOURCE.read_text(encoding="utf-8"))
    return [
        Finding(
            found["id"],
            found["impact"] or "minor",
            found["help"],
            found["helpUrl"],
            tuple((html, summary or "") for html, summary in found["nodes"]),
        )
        for found in page.evaluate(RUN)
    ]
