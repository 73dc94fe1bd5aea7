"""How long an operator waits for a page of help, beside the same library that shows a page of nothing."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

SRC: Final = Path(__file__).parents[1] / "src"
ROUNDS: Final = 5
BARE: Final = (
    "-c",
    "import rich_click as click\n@click.command()\ndef main(): 'Nothing.'\nmain(['--help'])",
)
"""The floor: the command line's own library, with one command that does nothing."""

PAGES: Final = {
    "shulk --help": ("-m", "entrypoints.cli.main", "--help"),
    "shulk demo --help": ("-m", "entrypoints.cli.main", "demo", "--help"),
}


def measure() -> list[str]:
    """Return a line for each page of help: processor seconds, those of the floor, and their ratio."""
    seconds_of(*BARE)  # the first run compiles
    lines = []
    for name, words in PAGES.items():
        seconds_of(*words)
        rounds = [(seconds_of(*words), seconds_of(*BARE)) for _ in range(ROUNDS)]
        ours, floor = (min(each) for each in zip(*rounds, strict=True))
        lines.append(
            f"{name}: {ours:.2f} s of processor time, bare rich-click {floor:.2f} s, ratio {ours / floor:.2f}"
        )
    return lines


def seconds_of(*words: str) -> float:
    """Return the processor time in seconds, user and system, of a Python process with *words*."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 - our own interpreter and sources
        [sys.executable, *words],
        env=os.environ | {"PYTHONPATH": str(SRC)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
