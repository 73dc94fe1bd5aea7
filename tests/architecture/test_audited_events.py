"""The table of docs/audit.md names every entry that our code writes, and a test of each that is there."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
ROW: Final = re.compile(
    r"^\| (?P<event>[^|]+) \| (?P<entries>(?:`[a-z_]+\.[a-z_*]+` ?)+) \| `(?P<test>[^`]+)` \|$",
    re.MULTILINE,
)
ENTRY: Final = re.compile(r"`([a-z_]+\.[a-z_*]+)`")
WRITTEN: Final = re.compile(
    r'(?:action=|record\(|: Final = )f?"(?!index\.html")([a-z_]+\.[a-z_]+|[a-z_]+\.)["{]'
)
KINDS: Final = ("application", "entrypoints/operations")


def rows() -> list[re.Match[str]]:
    return list(ROW.finditer((ROOT / "docs/audit.md").read_text(encoding="utf-8")))


def named() -> set[str]:
    return {entry for row in rows() for entry in ENTRY.findall(row["entries"])}


def is_named(entry: str) -> bool:
    return any(
        entry.startswith(each[:-1]) if each.endswith("*") else entry == each for each in named()
    )


def test_each_entry_is_in_the_table() -> None:
    """
    What a use case or a command writes has its row.
    """
    written = {
        entry
        for kind in KINDS
        for file in (ROOT / "src" / kind).rglob("*.py")
        for entry in WRITTEN.findall(file.read_text(encoding="utf-8"))
        if "audit" in file.read_text(encoding="utf-8")
    }

    assert len(written) > 30
    assert not {entry for entry in written if not is_named(entry)}


def test_each_row_is_of_our_code_and_has_its_test() -> None:
    """
    No entry that nobody writes, and no test that is not there.
    """
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "src").rglob("*.py"))

    assert len(rows()) > 20
    assert not [row["test"] for row in rows() if not (ROOT / row["test"]).is_file()]
    assert not {each for each in named() if f'"{each.rstrip("*")}' not in source}
