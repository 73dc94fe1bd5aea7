"""Staff by the command line: added, given roles, and believed by the codes of their own app."""

import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

import pyotp
import pytest
import segno
from click.testing import CliRunner, Result

from adapters.totp.second_factor import TotpSecondFactor
from entrypoints.cli.main import main
from entrypoints.operations import staff as operations
from entrypoints.settings.settings import VARIABLES, Settings, load_settings

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}
ADD: Final = ("staff", "add", "mira", "--name", "Mira", "--email", "mira@example.com")
OLD: Final = f"old:{b64encode(bytes(range(32))).decode()}"
NEW: Final = f"new:{b64encode(bytes(range(100, 132))).decode()}"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in VARIABLES:
        monkeypatch.delenv(each.name, raising=False)


@pytest.fixture
def environ(database_url: str) -> dict[str, str]:
    return EXAMPLE | {"SHULK_DATABASE_URL": database_url, "SHULK_CIPHER_KEYS": OLD}


def run(environ: Mapping[str, str], *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, list(words), env=dict(environ), input=typed)


def in_one_line(shown: str) -> str:
    """Return what stands in the frames that errors are shown in."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", shown).split())


def enrolled(settings: Settings, staff: str = "mira") -> str:
    """Return the seed of the app that *staff* set up just now."""
    seed = operations.invite(settings, staff).seed
    operations.confirm(settings, staff, seed, pyotp.TOTP(seed).now())
    return seed


def test_a_member_is_added_and_shown(environ: dict[str, str]) -> None:
    """
    With their roles, and what comes next.
    """
    added = run(environ, *ADD, "--role", "support", "--role", "finance")
    shown = run(environ, "staff", "roles", "mira")

    assert (added.exit_code, added.output) == (
        0,
        "mira added: finance support; next: shulk staff totp mira\n",
    )
    assert shown.output == "mira (Mira): finance support; active, without an app\n"


def test_roles_are_set_and_an_account_is_suspended(environ: dict[str, str]) -> None:
    """
    Each answer says how the account stands now.
    """
    run(environ, *ADD, "--role", "finance")

    assert run(environ, "staff", "roles", "mira", "admin", "support").output == (
        "mira (Mira): admin support; active, without an app\n"
    )
    assert "suspended" in run(environ, "staff", "suspend", "mira").output
    assert "suspended" in run(environ, "staff", "roles", "mira").output
    assert "active" in run(environ, "staff", "resume", "mira").output


REFUSED: Final = [
    ((*ADD, "--role", "finance"), 1, "there is a member of staff mira already"),
    ((*ADD, "--role", "student"), 2, "'student' is not one of"),
    (ADD, 2, "Missing option '--role'"),
    (
        ("staff", "add", " ab", "--name", "A", "--email", "a@example.com", "--role", "admin"),
        1,
        "staff id: it is 1 to 255",
    ),
    (("staff", "roles", "ravi"), 1, "no such member of staff: ravi"),
    (("staff", "roles", "mira", "owner"), 2, "'owner' is not one of"),
    (("staff", "suspend", "ravi"), 1, "no such member of staff: ravi"),
    (("staff", "totp", "ravi"), 1, "no such member of staff: ravi"),
    (("staff", "totp", "ravi", "--remove"), 1, "no such member of staff: ravi"),
]


def test_what_cannot_be_done_is_said(environ: dict[str, str]) -> None:
    """
    In one line, with an exit code that tells.
    """
    run(environ, *ADD, "--role", "finance")

    for words, code, said in REFUSED:
        shown = run(environ, *words)
        assert shown.exit_code == code, shown.output
        assert said in in_one_line(shown.output)


def test_an_app_is_set_up(environ: dict[str, str], tmp_path: Path) -> None:
    """
    The secret is shown once, as a QR code too, and stored encrypted after its first code only.
    """
    run(environ, *ADD, "--role", "finance")
    png = tmp_path / "mira.png"
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "entrypoints.cli.main", "staff", "totp", "mira", "--png", str(png)],
        env=environ | {"PYTHONPATH": str(Path(operations.__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdin
        assert command.stdout
        drawn, seed = _until_the_secret(command.stdout)
        said, _ = command.communicate(f"{pyotp.TOTP(seed).now()}\n")

    address = TotpSecondFactor(EXAMPLE["SHULK_SELLER_NAME"]).provisioning_uri(
        seed, "mira@example.com"
    )
    assert (command.returncode, seed in said) == (0, False)
    assert said.endswith("mira has a new app; codes of any before it open nothing any more\n")
    assert {"█", "▀", "▄"} & set(drawn)
    expected = tmp_path / "expected.png"
    segno.make(address, error="m", micro=False).save(str(expected), scale=8)
    assert png.read_bytes() == expected.read_bytes()
    assert png.stat().st_mode & 0o077 == 0
    assert run(environ, "staff", "roles", "mira").output.endswith("active, with an app\n")
    assert dict(operations.encrypted_under(load_settings(environ)).texts) == {"old": 1}


def test_a_picture_is_written_over_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    """
    A file that is there stays what it is, and no secret was shown.
    """
    run(environ, *ADD, "--role", "finance")
    there = tmp_path / "there.png"
    there.write_bytes(b"mine")

    shown = run(environ, "staff", "totp", "mira", "--png", str(there))

    assert shown.exit_code == 1
    assert "File exists" in shown.output
    assert "Scan this" not in shown.output
    assert there.read_bytes() == b"mine"


def test_three_wrong_codes_change_nothing(environ: dict[str, str]) -> None:
    """
    The app before it still opens what it opened.
    """
    run(environ, *ADD, "--role", "finance")
    settings = load_settings(environ)
    enrolled(settings)
    before = operations.show_staff(settings, "mira")

    shown = run(environ, "staff", "totp", "mira", typed="000000\nabc\n12 34 56\n")

    assert shown.exit_code == 1
    assert "nothing was changed" in shown.output
    assert operations.show_staff(settings, "mira") == before


def test_a_lost_app_is_made_worthless(environ: dict[str, str]) -> None:
    """
    At once, before there is another.
    """
    run(environ, *ADD, "--role", "finance")
    enrolled(load_settings(environ))

    shown = run(environ, "staff", "totp", "mira", "--remove")

    assert "mira has no app any more" in shown.output
    assert run(environ, "staff", "roles", "mira").output.endswith("active, without an app\n")


def test_keys_are_changed_without_a_break(environ: dict[str, str]) -> None:
    """
    New key first, both known, encrypted again, old key gone: the secrets are what they were.
    """
    run(environ, *ADD, "--role", "finance")
    enrolled(load_settings(environ))
    both = environ | {"SHULK_CIPHER_KEYS": f"{NEW},{OLD}"}
    only_new = environ | {"SHULK_CIPHER_KEYS": NEW}

    early = run(only_new, "secrets", "rotate")
    done = run(both, "secrets", "rotate")
    again = run(both, "secrets", "rotate")
    after = run(only_new, "secrets", "rotate")

    assert early.exit_code == 1
    assert "staff.totp_seed of mira" in in_one_line(early.output)
    assert (done.exit_code, done.output) == (0, "1 encrypted anew under new\n")
    assert again.output == "0 encrypted anew under new\n"
    assert (after.exit_code, after.output) == (0, "0 encrypted anew under new\n")
    assert dict(operations.encrypted_under(load_settings(only_new)).texts) == {"new": 1}


def test_without_a_key_nothing_starts(environ: dict[str, str]) -> None:
    """
    A short one is no key either; the variable is named and its value is not.
    """
    for wrong in ("", "today:c2hvcnQ="):
        shown = run(environ | {"SHULK_CIPHER_KEYS": wrong}, "staff", "roles", "mira")
        assert shown.exit_code == 1
        assert "SHULK_CIPHER_KEYS" in shown.output
        assert "c2hvcnQ" not in shown.output


def _until_the_secret(out: IO[str]) -> tuple[str, str]:
    drawn = list[str]()
    for line in out:
        if found := re.search(r"\(shown once\): ([A-Z2-7 ]+)$", line.strip()):
            return "".join(drawn), found[1].replace(" ", "")
        drawn.append(line)
    raise AssertionError("no secret was shown")
