"""The files that the tests spend most of their time in, told at the end of a run."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import pytest

SHOWN: Final = 10
WORTH_SHOWING_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class SlowestFiles:
    """A pytest plugin: sums set-up, call and tear-down by file, over all workers of the run."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid.partition("::")[0]] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        longest_first = sorted(self.seconds.items(), key=lambda each: -each[1])
        slowest = [each for each in longest_first[:SHOWN] if each[1] >= WORTH_SHOWING_SECONDS]
        if slowest:
            terminalreporter.section(f"slowest files, of {sum(self.seconds.values()):.0f} s")
        for file, seconds in slowest:
            terminalreporter.write_line(f"{seconds:6.1f} s  {file}")
