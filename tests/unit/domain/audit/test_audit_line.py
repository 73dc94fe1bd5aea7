"""The canonical form of a sealed line."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.audit_line import AuditLine, canonical, origin_digest

AT = datetime(2026, 10, 13, 9, 0, 0, 120_000, UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def line(**changes: Any) -> AuditLine:
    told: dict[str, Any] = {
        "entry": 7,
        "at": AT,
        "actor": "staff:a",
        "source": "admin",
        "action": "payment.begun",
        "subject": "SK1",
        "origin_digest": "00ff",
    }
    return AuditLine(**{**told, **changes})


def test_a_line_is_written_in_one_way() -> None:
    """
    The version, then the names in order, no spaces, text as it is, and the instant with microseconds.
    """
    written = bytes(line(facts={"b": 'é"\n', "a": 1}, from_state="created", to_state="success"))

    assert (
        written
        == (
            '{"v":1,"action":"payment.begun","actor":"staff:a","at":"2026-10-13T09:00:00.120000Z",'
            '"correlation_id":"","entry":7,"facts":{"a":1,"b":"é\\"\\n"},"from":"created",'
            '"origin":"00ff","source":"admin","subject":"SK1","to":"success"}'
        ).encode()
    )


def test_an_instant_is_written_in_utc() -> None:
    """
    However the database's connection shows an instant, the line is the same.
    """
    indian = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert bytes(line()) == bytes(line(at=indian))


@given(facts=st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers())))
def test_a_line_can_be_read_back(facts: dict[str, Any]) -> None:
    """
    It is one line of JSON with the facts as they were, whatever they hold.
    """
    written = bytes(line(facts=facts))

    assert b"\n" not in written
    assert json.loads(written)["facts"] == facts


@given(text=TEXTS, facts=st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers())))
def test_a_line_is_the_canonical_form_of_its_fields(text: str, facts: dict[str, Any]) -> None:
    """
    It is put together by itself, and comes to the same bytes, whatever its texts hold.
    """
    texts = dict.fromkeys(("action", "actor", "correlation_id", "source", "subject"), text)
    told = {"at": "2026-10-13T09:00:00.120000Z", "entry": 7, "facts": facts, "origin": "00ff"}

    written = bytes(line(**texts, from_state=text, to_state=text, facts=facts))

    assert written == canonical({**texts, **told, "from": text, "to": text})


@pytest.mark.parametrize("value", [1.5, True, None, [1]])
def test_no_line_holds_what_has_two_forms(value: Any) -> None:
    """
    Also when it was read from a file that somebody else wrote.
    """
    with pytest.raises(ValueError, match="whole numbers"):
        bytes(line(facts={"a": value}))


@pytest.mark.parametrize("value", [1.5, True, None, [1], {"a": 0.1}])
def test_nothing_is_written_that_has_two_forms(value: object) -> None:
    """
    Fractions, truth values, nothing and lists are not sealed: their text differs from program to program.
    """
    with pytest.raises(ValueError, match="whole numbers"):
        canonical({"a": value})


def test_the_digest_of_an_origin_keeps_its_parts_apart() -> None:
    """
    What stands at the end of an address cannot be taken for the beginning of the user agent.
    """
    salt = bytes(16)

    assert origin_digest(salt, "a", "bc") != origin_digest(salt, "ab", "c")
    assert origin_digest(salt, "a", "b") != origin_digest(b"\x01" * 16, "a", "b")
    assert len(origin_digest(salt, "", "")) == 64


@given(facts=st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers())))
def test_a_line_is_parsed_as_it_was_written(facts: dict[str, Any]) -> None:
    """
    To the byte.
    """
    found = AuditLine.parse(bytes(line(facts=facts, from_state="pending", correlation_id="c")))

    assert found == line(facts=facts, from_state="pending", correlation_id="c")


@pytest.mark.parametrize("written", [b"", b"[]", b"{}", b'{"entry":1}', b"[" * 100_000])
def test_other_bytes_are_no_line(written: bytes) -> None:
    """
    Whoever reads them is told.
    """
    with pytest.raises(ValueError):  # noqa: PT011 - the reader of JSON has words of its own
        AuditLine.parse(written)


def test_an_entry_is_about_what_it_names() -> None:
    """
    Its subject, the id behind a kind, and an id among its facts; not a part of one.
    """
    shown = line(subject="shown:SK1", facts={"refund": "RF2", "count": 3})

    assert [shown.is_about(each) for each in ("shown:SK1", "SK1", "RF2")] == [True] * 3
    assert [shown.is_about(each) for each in ("SK", "RF", "3", "shown")] == [False] * 4
