"""Requirements of a standard with what shows that each is met: written down as data, printed as pages."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """
    Requirements that one thing answers, by their numbers; *short* says in our words what they want.

    *evidence* names tests (``FILE::NAME``), files, settings (``SHULK_...``) and commands (``shulk ...``). What
    the operator of an installation has to do, or what does not apply, is said in *met* and may have none.
    What *is_open* is not met, or not as a whole: *met* says what is missing.
    """

    ids: Sequence[str]
    short: str
    met: str
    evidence: Sequence[str] = field(default=())
    by_operator: bool = False
    applies: bool = True
    is_open: bool = False

    @classmethod
    def all_in(cls, name: str) -> Iterator[Self]:
        """Yield the requirements in the file *name* of this folder."""
        with (FOLDER / name).open("rb") as file:
            for each in tomllib.load(file)["requirement"]:
                yield cls(**each)

    @property
    def shown_by(self) -> str:
        """What the page names: evidence, who has to show it, or that it does not apply."""
        named = "<br>".join(f"`{each}`" for each in self.evidence)
        if not self.applies:
            return "does not apply"
        rest = ("the operator" if self.by_operator else "", "**open**" if self.is_open else "")
        return "<br>".join(filter(None, (named, *rest)))


def table(requirements: Sequence[Requirement]) -> str:
    """Return *requirements* as a table of a page."""
    rows = "".join(
        f"| {' '.join(each.ids)} | {each.short} | {each.met} | {each.shown_by} |\n"
        for each in requirements
    )
    return f"| Number | In short | How it is met | Shown by |\n|---|---|---|---|\n{rows}"
