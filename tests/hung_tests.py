"""Where a test stood that even its time-out could not end, told at the end of a run shared by several workers."""

import faulthandler
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol, TextIO

import pytest

FOLDER: Final = "hung_tests"
FRAMES_SHOWN: Final = 12
THREAD: Final = ("Thread ", "Current thread ")


class Node(Protocol):
    """What xdist tells a worker before it starts."""

    workerinput: dict[str, str]


@dataclass(slots=True, eq=False)
class HungTests:
    """
    A pytest plugin: a worker that hangs writes its threads to a file, and ends; the others go on.

    pytest writes them too, but to a stream that is read before all other output, and is long: the frames in which
    the threads stand come first, those of pytest last.
    """

    folder: "TemporaryDirectory[str] | None" = None
    told: TextIO | None = None
    seconds: float = 0.0

    def pytest_configure(self, config: pytest.Config) -> None:
        given: dict[str, str] | None = getattr(config, "workerinput", None)
        if given is None:
            self.folder = TemporaryDirectory(prefix=FOLDER)
            return
        self.seconds = float(config.getini("faulthandler_timeout"))
        self.told = (Path(given[FOLDER]) / given["workerid"]).open("w")

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Node) -> None:
        assert self.folder is not None
        node.workerinput[FOLDER] = self.folder.name

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        # In place of pytest's own, which has begun to count just before.
        if self.told is not None:
            faulthandler.dump_traceback_later(self.seconds, exit=True, file=self.told)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.folder is None:
            return
        for told in sorted(Path(self.folder.name).iterdir()):
            if text := told.read_text():
                terminalreporter.section(f"where {told.name} hung")
                terminalreporter.write_line("\n".join(innermost(text)))

    def pytest_unconfigure(self) -> None:
        if self.told is not None:
            self.told.close()
        if self.folder is not None:
            self.folder.cleanup()


def innermost(text: str) -> list[str]:
    """Return the first frames of each thread in *text*, as the fault handler writes it."""
    shown: list[str] = []
    frames = 0
    for line in text.splitlines():
        frames = 0 if line.startswith(THREAD) else frames + 1
        if frames <= FRAMES_SHOWN:
            shown.append(line)
    return shown
