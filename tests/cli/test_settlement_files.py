"""``shulk settlements import``, ``import-statement``, ``files``, ``statements`` and what is decided about them."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest_asyncio
from click.testing import CliRunner, Result

from conftest import TEMPLATE, run_sql, with_database
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES

NAME: Final = "shulk_settlement_files"
EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}
SAMPLES: Final = Path(__file__).parents[1] / "samples" / "settlement"
KEY: Final = "SIM0001/2026-11-13"


@pytest_asyncio.fixture
async def url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    yield with_database(postgres_server, NAME)
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


def shulk(url: str, folder: Path, *words: str, **more: str) -> Result:
    named = {"SHULK_DATABASE_URL": url, "SHULK_FILES_FOLDER": str(folder / "kept")}
    return CliRunner().invoke(main, ["settlements", *words], env=EXAMPLE | named | more)


def test_files_are_imported_listed_and_decided(url: str, tmp_path: Path) -> None:
    """
    A held file is released, a re-issue that takes something away is taken, each with a reason.
    """
    first = shulk(url, tmp_path, "import", str(SAMPLES / "01-clean.csv"), "--json")
    again = shulk(url, tmp_path, "import", str(SAMPLES / "01-clean.csv"))
    held = shulk(url, tmp_path, "import", str(SAMPLES / "10-hostile-cells.csv"))
    told = json.loads(first.output)

    assert (first.exit_code, again.exit_code, held.exit_code) == (0, 0, 2)
    assert (told["state"], told["lines"], told["settlements"][0]["net"]) == (
        "imported",
        6,
        "26058.50",
    )
    assert "Held for: rows_rejected" in held.output
    assert "01-clean.csv: imported, 6 lines by hdfc_upi_mpr" in again.output

    files = json.loads(shulk(url, tmp_path, "files", "--state", "held", "--json").output)
    name = files[0]["sha256"][:12]
    short = shulk(url, tmp_path, "release", name, "--reason", "x")
    released = shulk(url, tmp_path, "release", name, "--reason", "the bank confirmed it")
    assert (short.exit_code, released.exit_code) == (1, 0)
    assert f"Settlement {KEY}: waiting (reissue)" in released.output

    declined = shulk(url, tmp_path, "decline", name, KEY, "--reason", "it is of another day")
    assert f"Settlement {KEY}: declined (reissue)" in declined.output
    assert shulk(url, tmp_path, "decline", name, KEY, "--reason", "once more").exit_code == 1
    taken = shulk(url, tmp_path, "take", name, KEY, "--reason", "it is the right one")
    assert f"Settlement {KEY}: live (reissue)" in taken.output
    listed = shulk(url, tmp_path, "files").output
    assert "superseded" in listed
    assert shulk(url, tmp_path, "take", name, KEY, "--reason", "once more").exit_code == 1


def test_what_is_no_report_is_refused(url: str, tmp_path: Path) -> None:
    """
    And says why, also the second time.
    """
    file = tmp_path / "notes.csv"
    file.write_text("some,notes\n1,2\n", encoding="utf-8")

    for _ in range(2):
        refused = shulk(url, tmp_path, "import", str(file))
        assert refused.exit_code == 1
        assert "Refused: " in refused.output


def test_a_statement_is_imported_once(url: str, tmp_path: Path) -> None:
    """
    Of the account that the settings name; another one is refused.
    """
    file = str(SAMPLES / "11-bank-statement.csv")
    ours = {"SHULK_BANK_ACCOUNTS": "50200000000001"}

    nameless = shulk(url, tmp_path, "import-statement", file)
    first = shulk(url, tmp_path, "import-statement", file, **ours)
    again = shulk(url, tmp_path, "import-statement", file, "--json", **ours)

    assert nameless.exit_code == 1
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "5 new of 5" in first.output
    assert json.loads(again.output)[0]["new_entries"] == 5
    listed = shulk(url, tmp_path, "statements")
    assert listed.exit_code == 0, listed.output
    assert "50200000000001  2026-11-" in listed.output
    (told,) = json.loads(shulk(url, tmp_path, "statements", "--json").output)
    assert (told["name"], told["held_for"]) == ("11-bank-statement.csv", [])


def test_a_folder_is_asked_for_the_files_of_a_day(url: str, tmp_path: Path) -> None:
    """
    What is awaited still ends the command with 2; so it does when no source is named.
    """
    folder = tmp_path / "inbox"
    folder.mkdir()
    file = folder / "mpr-2026-11-13.csv"
    file.write_bytes((SAMPLES / "01-clean.csv").read_bytes())
    os.utime(file, (1_700_000_000, 1_700_000_000))
    from_folder = {"SHULK_SETTLEMENT_FOLDER": str(folder)}

    one = shulk(url, tmp_path, "fetch", "2026-11-13", **from_folder)
    mids = {"SHULK_SETTLEMENT_MIDS": "UPI=SIM0001,CARD=SIM9001"}
    two = shulk(url, tmp_path, "fetch", "2026-11-13", **from_folder, **mids)
    none = shulk(url, tmp_path, "fetch", "2026-11-13")

    assert (one.exit_code, two.exit_code, none.exit_code) == (0, 2, 2)
    assert "*  folder  ready" in one.output
    assert "mpr-2026-11-13.csv: imported" in one.output
    assert "SIM9001  folder  not_ready" in two.output
