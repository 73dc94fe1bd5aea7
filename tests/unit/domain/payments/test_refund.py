"""One refund: what may be asked for, who may agree, and how it goes its way."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.order_facts import RefundFacts, RefundVerdict
from domain.payments.refund import (
    OVERDUE_AFTER,
    REFUND_REASON_MAX,
    ReasonRefused,
    Refund,
    RefundRequest,
)
from domain.payments.refund_state import IllegalRefundStep, RefundEvent, RefundState
from domain.text.card_number import CardNumberRefused
from fakes.clock import NOON
from text_vectors import BLANK_NAMES, CARD_NUMBERS, UNPRINTABLE_NAMES

ID = RefundId("RFAAAAAAAAAAAAAAAAAA")
LATER = NOON + timedelta(hours=1)
MOMENT = timedelta(microseconds=1)


def request(reason: str = "course cancelled") -> RefundRequest:
    return RefundRequest(id=ID, amount=Money(500), reason=reason, by="staff:mira")


def asked(*, waits: bool = False) -> Refund:
    return Refund.of(request(), NOON, waits=waits)


def refund_facts(verdict: RefundVerdict = RefundVerdict.PAID, **more: object) -> RefundFacts:
    said = {"id": ID, "amount": Money(500), "verdict": verdict, **more}
    return RefundFacts(**said)  # type: ignore[arg-type]  # said by name


@pytest.mark.parametrize("reason", ["", "  ", "ab", " ab ", "a\nbc", "x" * (REFUND_REASON_MAX + 1)])
def test_a_reason_is_printable_and_bounded(reason: str) -> None:
    """
    Money never goes back without a word that can be kept.
    """
    with pytest.raises(ReasonRefused) as refused:
        request(reason)
    assert refused.value.fault


def test_a_card_number_is_no_reason() -> None:
    """
    It would be kept for years.
    """
    with pytest.raises(CardNumberRefused):
        request("paid with 4111 1111 1111 1111")


@pytest.mark.parametrize("text", [*BLANK_NAMES, *UNPRINTABLE_NAMES])
def test_a_reason_is_visible(text: str) -> None:
    """
    Joiners, fillers and punctuation are no reason.
    """
    with pytest.raises(ReasonRefused):
        request(text * 3)


@pytest.mark.parametrize("text", [each for each in CARD_NUMBERS if each.isprintable()])
def test_a_card_number_is_no_reason_however_it_is_written(text: str) -> None:
    """
    With dots, commas or slashes, of any network.
    """
    with pytest.raises(CardNumberRefused):
        request(f"paid with {text}")


def test_the_longest_reason_is_taken() -> None:
    """
    Exactly.
    """
    assert request("x" * REFUND_REASON_MAX).reason


def test_an_approval_is_another_persons_and_starts_it() -> None:
    """
    It is on its way, and by whom is written on it.
    """
    approved = asked(waits=True).decided(RefundEvent.APPROVED, "staff:noor", LATER)

    assert (
        approved.state,
        approved.decided_by,
        approved.decided_at,
        approved.closed_at,
    ) == (RefundState.REQUESTED, "staff:noor", LATER, None)


@pytest.mark.parametrize("event", [RefundEvent.REJECTED, RefundEvent.WITHDRAWN])
def test_a_no_ends_it(event: RefundEvent) -> None:
    """
    At once.
    """
    ended = asked(waits=True).decided(event, "staff:noor", LATER)

    assert (LATER, event.value) == (ended.closed_at, ended.state.value)


def test_what_is_on_its_way_is_decided_no_more() -> None:
    """
    Too late to say no.
    """
    with pytest.raises(IllegalRefundStep):
        asked().decided(RefundEvent.REJECTED, "staff:noor", LATER)


def test_the_bank_is_known_to_have_it_from_its_first_word() -> None:
    """
    Whatever that word is; a refusal proves that it does not.
    """
    pending = asked().moved(RefundEvent.BANK_ACCEPTED, LATER)
    refused = asked().moved(RefundEvent.BANK_REFUSED, LATER, error="too much")

    assert (pending.accepted_at, pending.closed_at) == (LATER, None)
    assert (refused.accepted_at, refused.closed_at, refused.error) == (None, LATER, "too much")
    paid = pending.moved(RefundEvent.BANK_PAID, LATER + MOMENT)
    assert (paid.accepted_at, paid.closed_at) == (LATER, LATER + MOMENT)


def test_a_reference_once_known_is_never_lost() -> None:
    """
    The bank's answers come with and without it.
    """
    known = asked().detailed(refund_facts(reference="r-1", arn="a-1"))

    assert known == known.detailed(refund_facts())
    assert (
        known.detailed(refund_facts(reference="r-2", arn="a-2")).bank_reference,
        known.detailed(refund_facts(reference="r-2", arn="a-2")).arn,
    ) == ("r-2", "a-2")


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        # A Monday evening in India is still Monday there.
        (datetime(2026, 8, 3, 12, tzinfo=UTC), date(2026, 8, 12)),
        # 19:00 UTC is the next day in India: Friday turns into Saturday.
        (datetime(2026, 8, 7, 19, tzinfo=UTC), date(2026, 8, 18)),
        (datetime(2026, 8, 7, 12, tzinfo=UTC), date(2026, 8, 18)),
    ],
)
def test_it_is_expected_after_seven_working_days(accepted: datetime, expected: date) -> None:
    """
    Counted in India from the day the bank took it on, Saturdays and Sundays left out.
    """
    assert asked().moved(RefundEvent.BANK_ACCEPTED, accepted).expected_on == expected


def test_it_is_expected_from_its_request_until_the_bank_has_it() -> None:
    """
    A first guess, which no email states.
    """
    assert asked().expected_on == asked().moved(RefundEvent.BANK_ACCEPTED, NOON).expected_on


def test_nothing_is_promised_of_one_that_failed() -> None:
    """
    As long as it may come, and when it came, there is a day.
    """
    pending = asked().moved(RefundEvent.BANK_ACCEPTED, NOON)

    assert pending.promised_on == pending.expected_on
    assert pending.moved(RefundEvent.BANK_PAID, NOON).promised_on == pending.expected_on
    assert pending.moved(RefundEvent.BANK_FAILED, NOON).promised_on is None


def test_overdue_is_what_the_bank_has_had_for_ten_days() -> None:
    """
    To the instant; counted from the bank's first word, else from the last person's.
    """
    pending = asked().moved(RefundEvent.BANK_ACCEPTED, LATER)
    approved = asked(waits=True).decided(RefundEvent.APPROVED, "staff:noor", LATER)

    for each in (pending, approved):
        assert not each.is_overdue(LATER + OVERDUE_AFTER - MOMENT)
        assert each.is_overdue(LATER + OVERDUE_AFTER)
    assert asked().is_overdue(NOON + OVERDUE_AFTER)
    assert not asked(waits=True).is_overdue(NOON + 2 * OVERDUE_AFTER)
    paid = pending.moved(RefundEvent.BANK_PAID, LATER)
    assert not paid.is_overdue(LATER + 2 * OVERDUE_AFTER)


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (RefundVerdict.PENDING, RefundState.PENDING),
        (RefundVerdict.PAID, RefundState.SUCCESS),
        (RefundVerdict.FAILED, RefundState.FAILED),
        (RefundVerdict.IN_REVIEW, RefundState.MANUAL_REVIEW),
        (RefundVerdict.UNCLEAR, RefundState.PENDING),
    ],
)
def test_one_made_outside_begins_where_the_bank_says(
    verdict: RefundVerdict, state: RefundState
) -> None:
    """
    With the bank's own word for who asked and when.
    """
    seen = refund_facts(
        verdict, initiated_by="dashboard", asked_at=NOON, reference="r", arn="a", error="e"
    )

    adopted = Refund.adopt(seen, Money(500), LATER)

    assert (state, "dashboard", NOON, NOON, True) == (
        adopted.state,
        adopted.asked_by,
        adopted.asked_at,
        adopted.accepted_at,
        adopted.outside,
    )
    assert (adopted.bank_reference, adopted.arn, adopted.error) == ("r", "a", "e")
    assert adopted.closed_at == (None if state.is_in_flight else LATER)


def test_one_made_outside_without_a_name_or_an_instant_is_the_banks_and_of_now() -> None:
    """
    The bank does not always say.
    """
    adopted = Refund.adopt(refund_facts(), Money(500), LATER)

    assert (adopted.asked_by, adopted.asked_at, adopted.accepted_at) == ("bank", LATER, LATER)
