"""The examples of the README and of the simulator's page, run from the text itself."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from entrypoints.cli.main import main
from entrypoints.simulator.command import simulator

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = ("README.md", "docs/simulator.md")
BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND: Final = re.compile(r"^\$ (?:\.venv/bin/)?shulk (.+?)$", re.MULTILINE)


def blocks(page: str, language: str) -> Iterator[str]:
    for found in BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")):
        if found[1] == language:
            yield found[2]


PYTHON: Final = [
    (page, text)
    for page in PAGES
    for text in blocks(page, "python")
    # Those that call a running server are run against one, beside the server.
    if "FakeGateway" in text
]
COMMANDS: Final = [
    words
    for page in PAGES
    for text in blocks(page, "console")
    for words in COMMAND.findall(text.replace("\\\n", " "))
]


@pytest.mark.parametrize(("page", "text"), PYTHON, ids=[page for page, _ in PYTHON])
def test_an_example_runs_as_it_is_written(page: str, text: str) -> None:
    """
    Copied into a file, with nothing added.
    """
    exec(compile(text, page, "exec"), {"__name__": "__main__"})  # noqa: S102 - our own page


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_is_one_that_shulk_has(words: str) -> None:
    """
    Name, arguments and options are read as they stand; nothing is run.
    """
    name, *rest = shlex.split(words)
    command: click.Command = simulator if name == "simulator" else main.commands[name]
    while isinstance(command, click.Group):
        name, *rest = rest
        command = command.commands[name]

    assert command.make_context(name, rest, resilient_parsing=False).args == []


def test_each_page_has_examples() -> None:
    """
    The two tests above would pass on pages without any.
    """
    assert [page for page, _ in PYTHON] == list(PAGES)
    assert COMMANDS
