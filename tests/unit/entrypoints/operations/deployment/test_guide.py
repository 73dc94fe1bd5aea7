"""docs/deploy.md and the Containerfile name what exists, and leave no secret out."""

import json
import re
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
import rich_click as click

from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES

ROOT: Final = Path(__file__).parents[5]
GUIDE: Final = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
IMAGE: Final = (ROOT / "Containerfile").read_text(encoding="utf-8")
KNOWN: Final = {each.name: each for each in VARIABLES}
QUOTED: Final = re.compile(r"`shulk ([^`]+)`")
TYPED: Final = re.compile(r"^(?:operate|.*?/bin/shulk) +([a-z][^#|\n;]*)", re.MULTILINE)
COMMANDS: Final = sorted(
    {" ".join(each.split()) for each in (*QUOTED.findall(GUIDE), *TYPED.findall(GUIDE))}
)


def words_of(command: str) -> list[str]:
    """Return the words of *command*, with a value in place of what an operator fills in."""
    made_up = {"courses.csv": str(ROOT / "README.md")}
    words = shlex.split(command.replace("\\", ""))
    return ["1" if each.isupper() else made_up.get(each, each) for each in words]


def _exists(command: str) -> None:
    found: click.Command = main
    words = words_of(command)
    while words and isinstance(found, click.Group) and words[0] in found.commands:
        found = found.commands[words.pop(0)]

    assert found is not main
    if words:
        with suppress(click.MissingParameter):
            found.make_context(command, words)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_the_guide_exists(command: str) -> None:
    """
    With its options. Not all that it needs has to be written down.
    """
    _exists(command)


def test_a_made_up_option_is_seen() -> None:
    """
    So that the rule above can fail.
    """
    with pytest.raises(click.UsageError):
        _exists("migrate --backwards")


def test_the_guide_is_read_for_commands() -> None:
    """
    A rule that finds none would always hold.
    """
    assert {"migrate", "doctor"} <= set(COMMANDS)
    assert any(each.startswith("deploy nginx --out") for each in COMMANDS)


def test_a_command_of_an_operator_gets_the_settings(tmp_path: Path) -> None:
    """
    By the function of the guide, from the file that it begins with, the values with blanks among them.
    """
    (function,) = re.findall(r"^operate\(\) \{\n.*?^\}$", GUIDE, re.MULTILINE | re.DOTALL)
    (tmp_path / "shulk").write_text(
        '#!/bin/sh\necho "$* $SHULK_MAIL_FROM"\necho $SHULK_AUDIT_KEY_FILE\n'
    )
    (tmp_path / "shulk").chmod(0o700)
    here = function.replace("/opt/shulk/current/bin", str(tmp_path)).replace(
        "/etc/shulk/shulk.env", str(ROOT / ".env.example")
    )

    said = subprocess.run(  # noqa: S603 - a text of ours
        ("/bin/sh", "-c", f"{here}\noperate doctor --well"),
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.splitlines() == [
        f"doctor --well {KNOWN['SHULK_MAIL_FROM'].example}",
        "/etc/shulk/secrets/audit-key",
    ]


@pytest.mark.parametrize("page", [GUIDE, IMAGE])
def test_each_setting_that_is_named_exists(page: str) -> None:
    """
    Also in part, where several begin alike.
    """
    named = set(re.findall(r"SHULK_[A-Z_]+", page))
    unknown = {
        each
        for each in named - set(KNOWN)
        if not (each.endswith("_") and any(name.startswith(each) for name in KNOWN))
    }

    assert named
    assert unknown == set()


def test_each_secret_has_its_way_to_a_new_one() -> None:
    """
    A new secret fails here until somebody says how it is exchanged while the service runs.
    """
    table = GUIDE.split("\n## Secrets and their rotation\n")[1].split("\n## ")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    told = {name for cell in first_cells for name in re.findall(r"`(SHULK_[A-Z_]+)`", cell)}
    files = {each for each in KNOWN if each.endswith("_KEY_FILE")}

    assert {name for name, each in KNOWN.items() if each.secret} | files <= told


def test_each_place_that_the_guide_leads_to_is_there() -> None:
    """
    Pages beside it, and headings within it.
    """
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in GUIDE.splitlines()
        if line.startswith("#")
    }
    links = re.findall(r"\]\(([^)]+)\)", GUIDE)

    assert [
        link
        for link in links
        if not (
            link.removeprefix("#") in headings
            if link.startswith("#")
            else (ROOT / "docs" / link.partition("#")[0]).exists()
        )
    ] == []


def test_the_image_runs_our_command_as_nobody() -> None:
    """
    By a number, which an engine can check, and with nothing in it but what is listed.
    """
    last = IMAGE.rpartition("\nFROM ")[2]
    (user,) = re.findall(r"^USER (\d+)$", last, re.MULTILINE)
    (entry,) = re.findall(r"^ENTRYPOINT (.+)$", last, re.MULTILINE)
    (command,) = re.findall(r"^CMD (.+)$", last, re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", IMAGE, re.MULTILINE)
    kept = re.findall(r"^!(.+)$", (ROOT / ".containerignore").read_text("utf-8"), re.MULTILINE)

    assert int(user) > 0
    assert json.loads(entry) == ["shulk"]
    assert json.loads(command)[0] in main.commands
    assert sorted(" ".join(copied).split()) == sorted(kept)
    assert all((ROOT / each).exists() for each in kept)
    assert not [each.name for each in VARIABLES if each.secret and each.name in IMAGE]
