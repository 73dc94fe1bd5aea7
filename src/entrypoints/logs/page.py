"""The log events printed: every code with its level, its module and its meaning."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from entrypoints.logs.events import LOG_EVENTS, NOT_WRITTEN

SRC: Final = Path(__file__).parents[2]
LEVELS: Final = ("debug", "info", "warning", "error", "exception", "critical")
OPENING: Final = f"""\
# Log events

Printed from `entrypoints/logs/events.py` and from the log calls of the code by `shulk docs write`.

A process writes one JSON object a line to its standard output. Every line has `timestamp` (UTC), `level`, `logger` (the
module) and `event`. A line of ours has in `event` one of the codes below, and in `message` what it means. A line of a
library has the library's own words in `event` and no `message`. `correlation_id` is the same in all lines of one
request or one round of a worker. `error` and `trace` name the types of an error and where it was raised.

**Codes are stable, words are not.** Build alerts and searches on `event` and on the named fields. A code keeps its
meaning; one that is not used any more is not used again for something else. The words of `message` may change in any
release. `event_type` is `security` for what an attacker may cause, `alert` for what a person has to act on.

A line that cannot be written is replaced by one with the event `{NOT_WRITTEN}`, without time and logger.
"""


@dataclass(frozen=True, slots=True, order=True)
class LogCall:
    """One place in the code that logs; *code* is None where its first argument is no plain text."""

    module: str
    line: int
    level: str
    code: str | None


def log_calls(src: Path = SRC) -> Sequence[LogCall]:
    """Return every log call of the code below *src*, by module and line."""
    return sorted(
        call
        for path in src.rglob("*.py")
        for call in _calls_in(path, ".".join(path.relative_to(src).with_suffix("").parts))
    )


def log_events_page() -> str:
    """Return ``docs/log-events.md`` as it has to be."""
    calls = log_calls()
    return OPENING + "".join(
        f"\n## {subject}\n\n{''.join(_entry(code, calls) for code in codes)}"
        for subject, codes in groupby(sorted(LOG_EVENTS), lambda code: code.partition(".")[0])
    )


def _calls_in(path: Path, module: str) -> Iterator[LogCall]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level)) if (
                level in LEVELS
            ):
                match node.args:
                    case [ast.Constant(value=str(code))]:
                        yield LogCall(module, node.lineno, _shown(level), code)
                    case _:
                        yield LogCall(module, node.lineno, _shown(level), None)


def _shown(level: str) -> str:
    return "error" if level == "exception" else level


def _entry(code: str, calls: Sequence[LogCall]) -> str:
    places = [call for call in calls if call.code == code]
    levels = ", ".join(dict.fromkeys(call.level for call in places))
    modules = ", ".join(f"`{name}`" for name in dict.fromkeys(call.module for call in places))
    return f"- `{code}` ({levels}; {modules})\n  {LOG_EVENTS[code]}\n"
