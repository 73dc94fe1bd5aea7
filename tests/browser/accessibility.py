"""What axe-core finds on a page: no test that looks at one lets it have a violation."""

from functools import cache
from importlib.resources import files
from typing import Final

from playwright.async_api import Page

RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""WCAG 2.2 AA, by the tags of axe-core, and what it advises besides."""


COLOURS: Final = ("color-contrast", "link-in-text-block")
"""The rules of axe-core that look at colours, which alone differ between light and dark."""


async def check_accessibility(page: Page, where: str, *, colours_only: bool = False) -> None:
    """Fail the test, naming *where*, when *page* has a violation, of *colours_only* if need be."""
    await page.evaluate(axe_script())
    found = await page.evaluate(
        """async only => (await axe.run(document, {runOnly: only})).violations.map(
          each => `${each.id}: ${each.help}: ${each.nodes.map(node => node.html).join(" | ")}`
        )""",
        {"type": "rule", "values": list(COLOURS)}
        if colours_only
        else {"type": "tag", "values": list(RULES)},
    )
    assert found == [], f"{where}: {found}"


@cache
def axe_script() -> str:
    """Return axe-core, which a test brings into the page past every policy."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
