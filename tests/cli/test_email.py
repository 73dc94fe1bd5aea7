"""``shulk email preview``: every email as it will look, without a mail server, a database or a setting."""

import stat
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.main import main
from worlds.processes.running import shulk as process

EMAILS: Final = {
    "payment-confirmation": ["INV-2627-0000001.pdf"],
    "free-enrolment": [],
    "payment-failure": [],
    "refund-requested": [],
    "refund-confirmation": ["CRN-2627-0000001.pdf"],
    "reconciliation-summary": [],
    "alert": [],
}


def shulk(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(main, ["email", "preview", *words], env=environ)


def test_without_a_name_the_letters_are_listed() -> None:
    """
    One a line, for people and for loops in a shell.
    """
    shown = shulk()

    assert shown.exit_code == 0, shown.output
    assert shown.stdout.split() == list(EMAILS)


@pytest.mark.parametrize("name", EMAILS)
def test_a_letter_is_written_as_it_would_be_sent(name: str, tmp_path: Path) -> None:
    """
    Both forms and the PDFs that go with it; the paths and nothing else on standard output.
    """
    out = tmp_path / "emails" / "today"

    shown = shulk(name, "--no-open", "--out", str(out))

    assert shown.exit_code == 0, shown.output
    files = [Path(line) for line in shown.stdout.splitlines()]
    assert [each.name for each in files] == [f"{name}.html", f"{name}.txt", *EMAILS[name]]
    assert {*out.iterdir()} == {*files}
    page, plain, *documents = files
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "Shulk Courses" in plain.read_text(encoding="utf-8")
    assert [line.split(":")[0] for line in shown.stderr.splitlines()] == ["To", "Subject"]
    assert all(each.read_bytes().startswith(b"%PDF-1.7") for each in documents)


def test_a_letter_is_in_the_sellers_name(tmp_path: Path) -> None:
    """
    What is set is used; the examples stand in for the rest. Scripts of India and a long name are shown.
    """
    seller = {"SHULK_SELLER_NAME": "Ganit Classes", "SHULK_PUBLIC_URL": "https://pay.example.com"}

    for name in ("payment-confirmation", "payment-failure"):
        assert shulk(name, "--no-open", "--out", str(tmp_path), **seller).exit_code == 0

    paid, failed = (
        (tmp_path / f"payment-{which}.txt").read_text(encoding="utf-8")
        for which in ("confirmation", "failure")
    )
    assert "Ganit Classes" in paid
    assert "https://pay.example.com/payments/" in paid
    assert "Dear आशा शर्मा," in paid
    assert len(failed.splitlines()[0]) > 70


@pytest.mark.parametrize(
    ("words", "environ", "said"),
    [
        (["thanks"], {}, "there is no email 'thanks'; there are payment-confirmation, "),
        ([], {"SHULK_PORT": "many"}, "SHULK_PORT"),
        (["payment-failure", "--out", "/dev/null/letters"], {}, "cannot write to /dev/null"),
    ],
)
def test_a_mistake_is_named(words: list[str], environ: dict[str, str], said: str) -> None:
    """
    In a sentence, and nothing is opened.
    """
    shown = shulk(*words, **environ)

    assert shown.exit_code != 0
    assert said in shown.output


def test_the_letter_is_opened_in_a_browser(tmp_path: Path) -> None:
    """
    The page of the email, in a new folder of its own; without a browser it is said.
    """
    visited = tmp_path / "visited"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {visited}\n', encoding="utf-8")
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    around = {"BROWSER": f"{browser} %s", "TMPDIR": str(tmp_path)}

    opened, said = process("email", "preview", "payment-failure", variables=around)
    silent, sorry = process(
        "email",
        "preview",
        "payment-failure",
        variables=around | {"BROWSER": "/bin/false %s", "PATH": "", "DISPLAY": ""},
    )

    assert (opened, silent) == (0, 0)
    address = visited.read_text(encoding="utf-8")
    assert address.endswith("/payment-failure.html")
    assert Path(address.removeprefix("file://")).parent.parent == tmp_path
    assert address.removeprefix("file://") in said
    assert "there is no browser here" in sorry
