"""``shulk settlements preview``: what a file would be read as, without settings and without storing anything."""

from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from contracts.settlements.sampled import SAMPLES
from entrypoints.cli.main import main

REFUSED: Final = 1
HELD: Final = 2


def preview(*words: str | Path) -> Result:
    """Run the command without any setting."""
    return CliRunner(env={}).invoke(main, ["settlements", "preview", *map(str, words)])


def test_a_report_is_shown_with_its_totals() -> None:
    """
    Layout, counts, settlement, declared totals and the first lines.
    """
    told = preview(SAMPLES / "02-bom-crlf.csv", "--lines", "1")

    assert told.exit_code == 0, told.output
    assert (
        "read as hdfc_card_mpr (version 1), utf-8, delimiter ',', header in line 3" in told.output
    )
    assert "4 lines, 0 rejected" in told.output
    assert "fee ₹2,559.42, tax ₹454.97, net ₹1,39,175.61" in told.output
    assert "declared: lines 4, net ₹1,39,175.61" in told.output
    assert "line 4: payment CR SKQ2GASL5UFXO3EJPV7M" in told.output
    assert "line 5:" not in told.output


def test_a_file_that_would_be_held_ends_with_two() -> None:
    """
    Its rejected rows are shown, warnings too, and no card number.
    """
    told = preview(SAMPLES / "10-hostile-cells.csv")

    assert told.exit_code == HELD
    assert "line 8: rejected, amount not exact: SIM0001" in told.output
    assert "warning card number removed: 1" in told.output
    assert "would be held: rows rejected" in told.output
    assert "4012 0000" not in told.output


def test_a_statement_is_shown_with_its_balances() -> None:
    """
    And refused when it is of another account.
    """
    file = SAMPLES / "12-bank-statement.mt940"
    told = preview(file, "--statement", "--account", "50200000000001")

    assert told.exit_code == 0, told.output
    assert "opening ₹1,00,000.00, 5 entries, closing ₹2,73,744.60" in told.output
    refused = preview(file, "--statement", "--account", "1")
    assert refused.exit_code == REFUSED
    assert "another account" in refused.output


def test_a_statement_that_would_be_held_says_where(tmp_path: Path) -> None:
    """
    At the entry behind the missing one.
    """
    rows = (SAMPLES / "11-bank-statement.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "a.csv").write_text("\n".join([*rows[:3], *rows[4:], "x,y"]), encoding="utf-8")
    told = preview(tmp_path / "a.csv", "--statement")

    assert told.exit_code == HELD
    assert "the balance does not follow at entry 2" in told.output
    assert "1 rows cannot be read" in told.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = 1", "own.toml: Expected `str`, got `int` - at `$.name`"),
        ("name = 'x", "own.toml: no TOML in UTF-8"),
        ("surprise = 1", "own.toml: Object"),
    ],
)
def test_a_layout_of_ones_own_says_what_is_wrong(text: str, told: str, tmp_path: Path) -> None:
    """
    File, place and reason.
    """
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    refused = preview(SAMPLES / "01-clean.csv", "--preset-file", tmp_path / "own.toml")

    assert refused.exit_code == REFUSED
    assert told in " ".join(refused.output.split())


def test_a_layout_of_ones_own_reads_a_file(tmp_path: Path) -> None:
    """
    By the page's example.
    """
    page = Path(__file__).parents[2] / "docs" / "settlement-files.md"
    example = page.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    (tmp_path / "own.toml").write_text(example, encoding="utf-8")
    (tmp_path / "a.csv").write_text(
        "Merchant,Order,Reference,Amount,Commission,GST,Payout,Kind,Paid at,Paid out\n"
        "M1,SK7QMZ2VKA4CYD6HRN3B,631610150001,100.00,2.00,0.36,97.64,SALE,12/11/2026 10:15,13/11/2026\n",
        encoding="utf-8",
    )
    told = preview(tmp_path / "a.csv", "--preset-file", tmp_path / "own.toml")

    assert told.exit_code == 0, told.output
    assert "read as my_bank (version 1)" in told.output
    assert "fee ₹2.00, tax ₹0.36, net ₹97.64" in told.output
