"""The units that an operator installs: they start what exists, and shut it in."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.main import main
from entrypoints.operations.deployment.systemd_units import (
    SHUT_IN,
    STOP_SECONDS,
    Installation,
    systemd_units,
)
from entrypoints.settings.settings import VARIABLES

UNITS: Final = systemd_units(Installation())
SERVICES: Final = sorted(name for name in UNITS if name.endswith(".service"))
EXPOSURE_MAX: Final = 20
"""Tenths of what systemd calls exposure, from 0 to 100; a unit without any limit has 92."""


def lines(name: str, key: str) -> list[str]:
    """Return what the unit *name* says of *key*, once for each line."""
    begins = f"{key}="
    return [
        each.removeprefix(begins) for each in UNITS[name].splitlines() if each.startswith(begins)
    ]


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_starts_a_command_that_exists(name: str) -> None:
    """
    And each setting that it gives is one.
    """
    (started,) = lines(name, "ExecStart")
    program, command = started.split()
    given = {each.split("=")[0] for each in lines(name, "Environment")}

    assert program == "/opt/shulk/current/bin/shulk"
    assert command in main.commands
    assert given - {each.name for each in VARIABLES} == set()


@pytest.mark.parametrize("name", SERVICES)
def test_a_process_has_the_time_that_it_may_take_to_end(name: str) -> None:
    """
    SHULK_SHUTDOWN_SECONDS and as much again as closing takes; what is killed before leaves work to be done again.
    """
    (default,) = [each.default for each in VARIABLES if each.name == "SHULK_SHUTDOWN_SECONDS"]

    assert lines(name, "TimeoutStopSec") == [str(STOP_SECONDS)]
    assert int(default or 0) + 15 < STOP_SECONDS


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_a_unit(name: str) -> None:
    """
    Each is a credential: a file that only this unit's processes see.
    """
    loaded = [each.split(":")[0] for each in lines(name, "LoadCredential")]
    secret = [each for each in lines(name, "Environment") if "_KEY" in each]

    assert "cipher-keys" in loaded
    assert sorted(each.split("=%d/")[1] for each in secret) == sorted(loaded)
    assert SHUT_IN in UNITS[name]


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_calls_a_unit_shut_in(name: str, tmp_path: Path) -> None:
    """
    By its own measure, without a running systemd.
    """
    if shutil.which("systemd-analyze") is None:
        assert "EVERY_TOOL_IS_NEEDED" not in os.environ, "systemd-analyze has to be there"
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / name
    unit.write_text(UNITS[name], encoding="utf-8")

    said = subprocess.run(  # noqa: S603 - a tool of the system, and a file of ours
        [
            *("systemd-analyze", "security", "--offline=yes", "--no-pager"),
            *(f"--threshold={EXPOSURE_MAX}", str(unit)),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert said.returncode == 0, said.stdout + said.stderr


def write(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["deploy", "systemd", "--out", str(folder), *words])


def test_the_command_writes_them(tmp_path: Path) -> None:
    """
    With the paths that it is told; what is there is not written over by chance.
    """
    folder = tmp_path / "units"
    first = write(folder, "--programs", "/srv/shulk/bin", "--user", "fees")
    again = write(folder)
    forced = write(folder, "--force")

    assert first.exit_code == forced.exit_code == 0, first.output
    assert sorted(each.name for each in folder.iterdir()) == sorted(UNITS)
    assert again.exit_code == 1
    assert "--force" in again.output
    assert (folder / "shulk-scheduler.service").read_text() == UNITS["shulk-scheduler.service"]


@pytest.mark.parametrize(
    "words",
    [
        ["--programs", "bin"],
        ["--settings", "/etc/shulk env"],
        ["--secrets", "/etc/%n"],
        ["--user", "shulk\nExecStart=/bin/sh"],
    ],
)
def test_what_no_unit_can_hold_writes_nothing(words: list[str], tmp_path: Path) -> None:
    """
    A path with a blank or a %, or a name with a line break, would say something else in a unit.
    """
    refused = write(tmp_path / "units", *words)

    assert refused.exit_code == 1
    assert not (tmp_path / "units").exists()
