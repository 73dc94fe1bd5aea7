"""A log line tells what happened and never whose card, address or key it was."""

import errno
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from entrypoints.logs.events import LOG_EVENTS, NOT_WRITTEN
from entrypoints.logs.fields import ALLOWED, HIDDEN, ITEMS_MAX, TEXT_MAX, Redaction
from entrypoints.logs.setup import correlated, correlation_id, hide, install
from entrypoints.settings.settings import LogFormat

CARD = "4111 1111 1111 1111"
EMAIL = "asha.k@example.com"
SECRET = "Zp7Rt2Kx5Wm9Qc4Hv8Jb"
CANARIES = (CARD, "4111111111111111", EMAIL, SECRET)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged during a test; the logging of the test run itself is put back after it."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    install("DEBUG", frozenset({SECRET}), stream=stream)
    yield stream
    root.handlers[:], _ = before
    root.setLevel(before[1])
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


class FullDisk(io.StringIO):
    """A log that takes nothing any more."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, f"No space left on device for {len(text)} characters")


def test_a_full_disk_fails_nobody(lines: io.StringIO) -> None:
    """
    What is logged is lost, and whoever logged it goes on; when there is room again, so does the log.
    """
    install("DEBUG", frozenset({SECRET}), stream=FullDisk())
    logging.getLogger("shulk").info("queue.entry_failed")
    install("DEBUG", frozenset({SECRET}), stream=lines)
    logging.getLogger("shulk").info("queue.entry_failed")

    assert lines.getvalue().count("queue.entry_failed") == 1


def test_a_terminal_gets_lines_for_people() -> None:
    """
    The same fields without secrets, not as JSON; colours only where a terminal shows them.
    """
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    try:
        install("INFO", frozenset({SECRET}), stream=stream, log_format=LogFormat.CONSOLE)
        logging.getLogger("shulk").info("request.answered", extra={"route": f"/{SECRET}"})
    finally:
        root.handlers[:], _ = before
        root.setLevel(before[1])
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()

    said = stream.getvalue()
    assert "request.answered" in said
    assert SECRET not in said
    assert not said.startswith("{")
    assert "\x1b" not in said


def only(stream: io.StringIO) -> dict[str, object]:
    (line,) = stream.getvalue().splitlines()
    read: dict[str, object] = json.loads(line)
    return read


def test_one_object_a_line(lines: io.StringIO) -> None:
    """
    Time in UTC, level, source, event and the fields that were given.
    """
    structlog.get_logger("shulk").info("payment settled", transaction_id="SKABC", state="success")

    line = only(lines)

    assert str(line.pop("timestamp")).endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "shulk",
        "event": "payment settled",
        "transaction_id": "SKABC",
        "state": "success",
    }


def test_a_code_comes_with_its_meaning(lines: io.StringIO) -> None:
    """
    Whoever reads the line need not know the code; whoever searches has it by itself.
    """
    logging.getLogger("jobs").info("worker.started")

    line = only(lines)

    assert (line["event"], line["message"]) == ("worker.started", LOG_EVENTS["worker.started"])


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("field", [*sorted(ALLOWED), "name", "email", "body", "anything"])
def test_no_canary_gets_through_any_field(lines: io.StringIO, field: str, canary: str) -> None:
    """
    Whatever field it is put into, wrapped in whatever text, it does not come out.
    """
    log = structlog.get_logger()
    for value in (canary, f"before {canary} after", [canary], {canary: canary}):
        log.info("something", **{field: value})
        logging.getLogger("library").warning("something", extra={f"{field}_": value})

    assert canary not in lines.getvalue()


@pytest.mark.parametrize("canary", CANARIES)
def test_no_canary_gets_through_a_message(lines: io.StringIO, canary: str) -> None:
    """
    The message, its arguments, an address with a query, and an error's words are no way out.
    """
    log = logging.getLogger("library")
    log.warning("message %s", canary)
    log.warning("GET https://bank.example.com/orders?token=%s done", canary)
    log.warning("postgresql://shulk:%s@db/shulk", canary)
    log.warning("Authorization: Bearer %s", canary.replace(" ", ""))
    try:
        int(f"not a number: {canary}")
    except ValueError:
        log.exception("failed")
        structlog.get_logger().exception("failed")

    assert canary not in lines.getvalue()


def test_a_card_number_as_a_number_is_a_card_number(lines: io.StringIO) -> None:
    """
    It need not be a text to be somebody's card.
    """
    structlog.get_logger().info("x", count=4111111111111111)

    assert "4111111111111111" not in lines.getvalue()


def test_a_token_is_not_logged(lines: io.StringIO) -> None:
    """
    A JWT opens somebody's account for as long as it lives.
    """
    logging.getLogger("library").warning("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzMSJ9.c2lnbmF0dXJl")

    assert "eyJ" not in lines.getvalue()


def test_a_server_key_is_not_logged(lines: io.StringIO) -> None:
    """
    By its mark: whole, cut, or in other letters.
    """
    for key in (f"shulk_sk_KY{'A' * 18}_{'B' * 52}", "shulk_sk_KYABC", "SHULK_SK_KYABC"):
        logging.getLogger("library").warning("got %s, and went on", key)

    assert "KYA" not in lines.getvalue()
    assert lines.getvalue().count("and went on") == 3


def test_unknown_fields_are_dropped_and_counted(lines: io.StringIO) -> None:
    """
    A field nobody decided about may hold anything; that it was there is worth knowing.
    """
    structlog.get_logger().info("x", buyer="Asha", street="1 Some Road", state="pending")

    line = only(lines)

    assert line["fields_dropped"] == 2
    assert line["state"] == "pending"
    assert "Asha" not in lines.getvalue()


def test_an_error_tells_kind_and_place(lines: io.StringIO) -> None:
    """
    Enough to find the line that failed, and the cause behind it; nothing it said.
    """

    def look_up(people: dict[str, int]) -> int:
        try:
            return people["Asha"]
        except KeyError as cause:
            raise ValueError("Ravi") from cause

    try:
        look_up({})
    except ValueError as error:
        structlog.get_logger().error("failed", exc_info=error)

    line = only(lines)

    assert line["error"] == "builtins.ValueError < builtins.KeyError"
    assert "look_up" in str(line["trace"])
    assert "Ravi" not in lines.getvalue()


def test_a_developer_is_told_the_words() -> None:
    """
    Outside production an error says what it has to say, redacted all the same.
    """
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    install("INFO", frozenset({SECRET}), stream=stream, error_texts=True)
    try:
        int(f"seven and {SECRET}")
    except ValueError:
        logging.getLogger("library").exception("failed")
    finally:
        root.handlers[:], _ = before
        root.setLevel(before[1])
        logging.captureWarnings(capture=False)
        structlog.reset_defaults()

    assert "seven and [hidden]" in str(only(stream)["error_says"])


def test_no_text_breaks_out_of_its_line(lines: io.StringIO) -> None:
    """
    Line breaks and terminal commands are shown as what they are.
    """
    structlog.get_logger().info("a\nb\x1b[2J\u2028\u202e\x9b", state="x\r\ny")

    (line,) = lines.getvalue().splitlines()

    assert line.isascii()
    assert "\\\\u000a" in line


def test_chatty_libraries_are_quiet(lines: io.StringIO) -> None:
    """
    One of them tells every address with its query at INFO.
    """
    for name in ("httpx", "sqlalchemy.engine.Engine", "httpcore.http11"):
        logging.getLogger(name).info("GET https://bank.example.com/orders?x=1")

    assert lines.getvalue() == ""


def test_a_broken_log_call_says_so_and_no_more(
    lines: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    The library's own report would print the arguments.
    """
    broken = logging.makeLogRecord({"msg": "%d items", "args": (SECRET,), "levelname": "WARNING"})

    logging.getLogger().handlers[0].handle(broken)

    assert only(lines)["event"] == NOT_WRITTEN
    assert SECRET not in "".join(capsys.readouterr())


def test_lines_of_one_request_share_an_id(lines: io.StringIO) -> None:
    """
    Ours, with the client's beside it if it can be trusted to be one; both are gone afterwards.
    """
    with correlated("order-1.2") as bound:
        structlog.get_logger().info("x")
    with correlated():
        assert bound.client_id == "order-1.2"

    line = only(lines)
    assert (line["correlation_id"], line["client_request_id"]) == (bound.id, "order-1.2")
    assert correlation_id() is None


@pytest.mark.parametrize("offered", [None, "", "a b", "x" * 65, "a\nb", "ü"])
def test_an_id_nobody_can_trust_is_left_out(lines: io.StringIO, offered: str | None) -> None:
    """
    What comes from outside must not be able to forge or flood lines.
    """
    with correlated(offered) as bound:
        structlog.get_logger().info("x")

    assert bound.client_id is None
    assert len(bound.id) == 16
    assert "client_request_id" not in only(lines)


def test_one_client_id_is_many_requests() -> None:
    """
    The same one twice does not make two requests one.
    """
    with correlated("same") as first, correlated("same") as second:
        assert first.id != second.id
        assert correlation_id() == second.id


def test_long_values_are_cut() -> None:
    """
    One line cannot fill the disk.
    """
    redaction = Redaction(frozenset())

    assert len(redaction("x " * 5000)) == TEXT_MAX + 1
    assert len(str(redaction.value(list(range(100_000)))).split(",")) == ITEMS_MAX


def test_short_secrets_do_not_blank_the_log() -> None:
    """
    Hiding every "abc" would make the log useless and the secret guessable.
    """
    assert Redaction(frozenset({"abc"}))("abcdef") == "abcdef"


def test_secrets_that_come_later_are_hidden_too(lines: io.StringIO) -> None:
    """
    Beside those of the settings; too short ones as little as there.
    """
    hide(["a-stored-secret", "abc"])
    structlog.get_logger().warning("x", error="a-stored-secret, abc", reason=SECRET)

    written = only(lines)
    assert written["error"] == f"{HIDDEN}, abc"
    assert written["reason"] == HIDDEN


@pytest.mark.usefixtures("lines")
def test_no_process_writes_its_log_to_a_file() -> None:
    """
    All of it goes to one stream; rotation is the machine's, as docs/deploy.md says, for thirteen months.
    """
    handlers = logging.getLogger().handlers
    (handler,) = [each for each in handlers if type(each).__module__ == "entrypoints.logs.setup"]
    assert isinstance(handler, logging.StreamHandler)
    assert not isinstance(handler, logging.FileHandler)
    root = Path(__file__).parents[4]
    writers = [
        path.name
        for path in (root / "src").rglob("*.py")
        if re.search(r"\b(File|Rotating|Watched|SysLog)\w*Handler\b", path.read_text("utf-8"))
    ]
    assert writers == []
    assert "MaxRetentionSec=13month" in (root / "docs" / "deploy.md").read_text("utf-8")
