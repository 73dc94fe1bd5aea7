"""The key of a line is the one that the samples give; an event is recognised whatever its amounts are."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from domain.identifiers import PaymentId, RefundId
from domain.money import Money
from domain.settlements.line_key import EventKey, event_hash, event_key, instant_text, line_key
from domain.settlements.settlement_line import Direction, LineType, SettlementLine

SAMPLES: Final = Path(__file__).parents[3] / "samples" / "settlement"

LINE: Final = SettlementLine(
    line_no=2,
    line_type=LineType.PAYMENT,
    direction=Direction.CR,
    mid="SIM0001",
    payment_id=PaymentId("SK7QMZ2VKA4CYD6HRN3B"),
    bank_txn_id="HDFSIM01",
    rrn="631610150001",
    gross=Money(1180000),
    net=Money(1180000),
    txn_at=datetime(2026, 11, 12, 4, 45, tzinfo=UTC),
    settled_on=date(2026, 11, 13),
)


def sampled() -> list[dict[str, Any]]:
    """Return every line of the samples with its expected key."""
    return [
        line
        for path in sorted(SAMPLES.glob("*.expected.json"))
        for line in json.loads(path.read_text(encoding="utf-8"))["parse"].get("lines", [])
    ]


def as_line(expected: dict[str, Any]) -> SettlementLine:
    """Return the line that a sample describes."""
    told = {name.removesuffix("_paise"): value for name, value in expected.items()}
    del told["line_key"]
    for name in ("gross", "fee", "cgst", "sgst", "igst", "utgst", "net"):
        told[name] = Money(told[name])
    told["line_type"], told["direction"] = LineType(told["line_type"]), Direction(told["direction"])
    told["txn_at"] = datetime.fromisoformat(told["txn_at"]).astimezone(UTC)
    told["settled_on"] = date.fromisoformat(told["settled_on"])
    return SettlementLine(**told)


def test_every_sampled_line_has_its_key() -> None:
    """
    The fields, their order and their spelling are those of the samples.
    """
    lines = sampled()

    assert [line_key(as_line(each)) for each in lines] == [each["line_key"] for each in lines]
    assert len(lines) == 53


@pytest.mark.parametrize(
    ("subject", "movement", "changes"),
    [
        ("SK7QMZ2VKA4CYD6HRN3B", "HDFSIM01", {}),
        ("SK7QMZ2VKA4CYD6HRN3B", "631610150001", {"bank_txn_id": None}),
        ("SK7QMZ2VKA4CYD6HRN3B", "RF01", {"refund_id": RefundId("RF01")}),
        ("HDFSIM01", "HDFSIM01", {"payment_id": None}),
        ("631610150001", "631610150001", {"payment_id": None, "bank_txn_id": None}),
        (None, None, {"payment_id": None, "bank_txn_id": None, "rrn": None}),
    ],
)
def test_an_event_is_named_by_the_best_id_there_is(
    subject: str | None, movement: str | None, changes: dict[str, Any]
) -> None:
    """
    The payment's id before the bank's, the bank's before the RRN; the refund's id before both for the movement.
    """
    line = replace(LINE, **changes)

    assert event_key(line) == EventKey("SIM0001", LineType.PAYMENT, subject, movement)
    assert event_key(replace(line, gross=Money(1), net=Money(1))) == event_key(line)


def test_the_status_word_and_the_place_are_no_part_of_the_key() -> None:
    """
    The same movement keeps its key when rows move or the bank changes a word.
    """
    moved = replace(LINE, line_no=9, occurrence=2, status_word="SETTLED")

    assert line_key(moved) == line_key(LINE)


def test_a_missing_value_is_empty() -> None:
    """
    A line without an instant has a key of its own.
    """
    timeless = replace(LINE, txn_at=None, attempt=1)

    assert line_key(timeless) not in {line_key(LINE), line_key(replace(LINE, txn_at=None))}


def test_an_instant_keeps_its_part_of_a_second() -> None:
    """
    Two instants are never written the same.
    """
    assert instant_text(datetime(2026, 11, 12, 4, 45, tzinfo=UTC)) == "2026-11-12T04:45:00Z"
    assert (
        instant_text(datetime(2026, 11, 12, 4, 45, 0, 500000, tzinfo=UTC))
        == "2026-11-12T04:45:00.500000Z"
    )


def test_an_event_without_an_id_is_the_row_and_how_often_it_came() -> None:
    """
    Two equal rows without an id may both be real, and are the same two when the file comes again.
    """
    fee = replace(LINE, line_type=LineType.FEE, payment_id=None, bank_txn_id=None, rrn=None)
    again = replace(fee, occurrence=2)

    assert event_hash(fee, line_key(fee)) != event_hash(again, line_key(again))
    assert event_hash(fee, line_key(fee)) == event_hash(replace(fee, line_no=9), line_key(fee))


def test_an_event_is_the_same_whatever_its_amounts_are() -> None:
    """
    Only what names it counts.
    """
    line = LINE
    other = replace(line, gross=Money(1), net=Money(1))

    assert event_hash(line, line_key(line)) == event_hash(other, line_key(other))
    assert event_hash(replace(line, mid="SIM0009"), "") != event_hash(line, "")
