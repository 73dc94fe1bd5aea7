"""Every log call has a stable code, and the page of codes says what the code says."""

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from architecture.sources import SRC, place_of, python_files, tree_of
from entrypoints.logs.events import LOG_EVENTS
from entrypoints.logs.fields import ALLOWED
from entrypoints.logs.page import LEVELS, log_calls, log_events_page

CODE: Final = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")


def test_every_log_call_has_a_code_that_means_something() -> None:
    """
    The first argument is the code itself, and the table knows it; words or a variable are refused.
    """
    without = [call for call in log_calls() if call.code not in LOG_EVENTS]

    assert log_calls()
    assert without == []


def test_every_logger_is_called_log() -> None:
    """
    Only so does the rule above see every call.
    """
    others = [
        f"{place_of(path)}:{node.lineno}"
        for path in python_files(SRC)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and (ast.unparse(node.func.value).startswith("logging") or _is_logger(node, path))
    ]

    assert others == []


def _is_logger(call: ast.Call, path: Path) -> bool:
    """Tell whether *call* is one of another name on what ``logging.getLogger`` returned."""
    loggers = {
        ast.unparse(target)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Assign) and "getLogger" in ast.unparse(node.value)
        for target in node.targets
    }
    assert isinstance(call.func, ast.Attribute)
    return ast.unparse(call.func.value) in loggers - {"log"}


def test_every_code_is_used() -> None:
    """
    A code that nothing logs would be waited for in vain.
    """
    assert set(LOG_EVENTS) - {call.code for call in log_calls()} == set()


def test_a_code_has_one_meaning_and_one_level() -> None:
    """
    Two codes do not say the same, and one code does not say it once as news and once as an error.
    """
    meanings = Counter(LOG_EVENTS.values())
    levels = Counter(code for code, _ in {(call.code, call.level) for call in log_calls()})

    assert [each for each, times in meanings.items() if times > 1] == []
    assert [each for each, times in levels.items() if times > 1] == []


def test_a_code_is_written_once_in_the_table() -> None:
    """
    A second line for the same code would silently replace the first meaning.
    """
    [table] = [
        node
        for node in ast.walk(tree_of(SRC / "entrypoints" / "logs" / "events.py"))
        if isinstance(node, ast.Dict)
    ]
    codes = Counter(ast.unparse(key) for key in table.keys if key is not None)

    assert [each for each, times in codes.items() if times > 1] == []


@pytest.mark.parametrize("code", sorted(LOG_EVENTS))
def test_a_code_is_a_subject_and_what_happened(code: str) -> None:
    """
    ``subject.what_happened``, and a meaning that is a sentence.
    """
    assert CODE.fullmatch(code)
    assert LOG_EVENTS[code].endswith(".")


def test_no_field_of_a_log_call_is_dropped() -> None:
    """
    What a call writes out as ``extra`` is allowed in a log line.
    """
    fields = {
        f"{place_of(path)}: {key.value!r}"
        for path in python_files(SRC)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")
        for keyword in node.keywords
        if keyword.arg == "extra"
        for each in ast.walk(keyword.value)
        if isinstance(each, ast.Dict)
        for key in each.keys
        if isinstance(key, ast.Constant) and key.value not in ALLOWED
    }

    assert fields == set()


def test_the_rule_sees_a_call_without_a_code(tmp_path: Path) -> None:
    """
    Words, a variable and words with arguments are no codes.
    """
    (tmp_path / "talking.py").write_text(
        'log.info("a letter was sent")\nlog.warning(what)\nlog.error("job.failed", 7)\n',
        encoding="utf-8",
    )

    codes = [(call.level, call.code) for call in log_calls(tmp_path)]

    assert codes == [("info", "a letter was sent"), ("warning", None), ("error", None)]


def test_the_page_has_every_code_once() -> None:
    """
    An operator finds each of them.
    """
    assert re.findall(r"^- `([^`]+)`", log_events_page(), re.MULTILINE) == sorted(LOG_EVENTS)
