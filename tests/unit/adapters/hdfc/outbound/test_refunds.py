"""Giving money back on the wire: what is sent, and what each kind of answer means for the money."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx
import pytest

from adapters.hdfc.outbound.refund_facts import REFUNDS_READ_MAX, refunds_of
from domain.identifiers import PaymentId, RefundId, StudentId
from domain.money import Money
from domain.payments.order_facts import (
    REFUND_ID_MAX,
    OrderFacts,
    RefundFacts,
    RefundVerdict,
    Verdict,
)
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayDuplicate,
    GatewayFailure,
    GatewayOutcomeUnknown,
    GatewayRefused,
    RefundOrder,
)
from unit.adapters.hdfc.outbound.test_gateway import Bank, encoded

ORDER: Final = PaymentId("SKABCDEFGHIJKLMNOPQR")
REFUND: Final = RefundId("RFABCDEFGHIJKLMNOPQR")
ASKED: Final = RefundOrder(
    payment=ORDER, student=StudentId("student-1"), refund=REFUND, amount=Money(500_50)
)


def entry(**more: object) -> dict[str, object]:
    fresh: dict[str, object] = {
        "id": None,
        "unique_request_id": REFUND,
        "amount": 500.5,
        "created": "2026-08-01T05:00:00Z",
        "status": "PENDING",
        "ref": None,
        "error_code": None,
        "error_message": "",
        "sent_to_gateway": False,
        "initiated_by": "API",
    }
    return {**fresh, **more}


def order(*refunds: object, **more: object) -> bytes:
    known: dict[str, object] = {
        "order_id": ORDER,
        "status": "CHARGED",
        "status_id": 21,
        "amount": 1499.5,
        "currency": "INR",
        "refunds": list(refunds),
    }
    return encoded({**known, **more})


async def test_a_refund_is_asked_for_by_form() -> None:
    """
    Our own id and the exact amount, under the order, in the student's name.
    """
    bank = Bank(order(entry()))

    facts = await bank.gateway().refund(ASKED)

    (request,) = bank.asked
    assert (request.method, request.url.path) == ("POST", f"/orders/{ORDER}/refunds")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["x-customerid"] == "student-1"
    assert parse_qsl(request.content.decode()) == [
        ("unique_request_id", REFUND),
        ("amount", "500.50"),
    ]
    assert isinstance(facts, OrderFacts)
    assert (facts.verdict, facts.has_refund(REFUND)) == (Verdict.CHARGED, True)


def refusal(code: str, info: str = "INVALID_INPUT") -> bytes:
    return encoded(
        {
            "status": "error",
            "error_code": code,
            "error_message": "no",
            "error_info": {"code": info, "user_message": "not this time"},
        }
    )


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, refusal("duplicate.call"), GatewayDuplicate),
        (409, refusal("duplicate.call"), GatewayDuplicate),
        (400, refusal("no", "DUPLICATE_REQUEST"), GatewayDuplicate),
        (400, refusal("invalid.amount.exceeded"), GatewayRefused),
        (400, refusal("invalid amount"), GatewayRefused),
        (400, refusal("invalid.order.not_successful"), GatewayRefused),
        (400, refusal("request.exceeded"), GatewayRefused),
        (404, refusal("order_not_found"), GatewayRefused),
        (401, refusal("access_denied"), GatewayDenied),
        (403, refusal("BAD_ORIGIN"), GatewayDenied),
        (429, b"slow down", GatewayBusy),
        (500, refusal("internal"), GatewayOutcomeUnknown),
        (502, b"<html>bad gateway</html>", GatewayOutcomeUnknown),
        (200, b"<html>welcome</html>", GatewayOutcomeUnknown),
        (403, b"<html>error 1010</html>", GatewayDown),
        (200, b"{}", GatewayOutcomeUnknown),
        (200, order(), GatewayOutcomeUnknown),
        (200, order(entry(unique_request_id="RFBBBBBBBBBBBBBBBBBB")), GatewayOutcomeUnknown),
        (200, order(entry(), order_id="SKBBBBBBBBBBBBBBBBBB"), GatewayOutcomeUnknown),
    ],
)
async def test_every_answer_has_its_meaning_for_the_money(
    status: int, body: bytes, expected: type[GatewayFailure]
) -> None:
    """
    What may have sent money is unclear; what the bank proves not to have done is not.
    """
    with pytest.raises(GatewayFailure) as gateway_failure:
        await Bank(body, status=status).gateway().refund(ASKED)

    assert type(gateway_failure.value) is expected


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (httpx.ConnectError, GatewayDown),
        (httpx.ConnectTimeout, GatewayDown),
        (httpx.ReadTimeout, GatewayOutcomeUnknown),
        (httpx.WriteTimeout, GatewayOutcomeUnknown),
        (httpx.RemoteProtocolError, GatewayOutcomeUnknown),
    ],
)
async def test_a_request_that_was_sent_may_have_had_its_effect(
    fault: Callable[..., httpx.RequestError], expected: type[GatewayFailure]
) -> None:
    """
    One that never left was not.
    """
    bank = Bank(b"", fault=lambda request: fault("as planned", request=request))

    with pytest.raises(GatewayFailure) as gateway_failure:
        await bank.gateway().refund(ASKED)

    assert type(gateway_failure.value) is expected


def read(*entries: dict[str, Any]) -> tuple[RefundFacts, ...]:
    """Return what *entries* say, each number the text that it is in the bank's answers."""
    return refunds_of(json.loads(json.dumps(entries), parse_float=str, parse_int=str))


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("PENDING", RefundVerdict.PENDING),
        ("SUCCESS", RefundVerdict.PAID),
        ("FAILURE", RefundVerdict.FAILED),
        ("MANUAL_REVIEW", RefundVerdict.IN_REVIEW),
        ("success", RefundVerdict.UNCLEAR),
        ("REVERSED", RefundVerdict.UNCLEAR),
        (None, RefundVerdict.UNCLEAR),
    ],
)
def test_an_unknown_word_is_no_proof(word: str | None, verdict: RefundVerdict) -> None:
    """
    Neither that the money went back nor that it did not.
    """
    assert read(entry(status=word))[0].verdict is verdict


def test_an_entry_is_read_whole() -> None:
    """
    Amount to the paisa, references, and who asked when.
    """
    told = entry(status="SUCCESS", ref="R-1", arn="74537604221", error_code="00")

    assert read(told) == (
        RefundFacts(
            id=REFUND,
            amount=Money(500_50),
            verdict=RefundVerdict.PAID,
            word="SUCCESS",
            reference="R-1",
            arn="74537604221",
            error="",
            initiated_by="API",
            automatic=False,
            asked_at=datetime(2026, 8, 1, 5, tzinfo=UTC),
        ),
    )


def test_only_what_failed_has_an_error() -> None:
    """
    A paid one carries a code too (``00``); a code says more than a message.
    """
    failed = {"status": "FAILURE", "error_message": "declined"}

    assert [
        each.error
        for each in read(
            entry(status="SUCCESS", error_code="00", error_message="processed"),
            entry(**failed, error_code="05"),
            entry(**failed, error_code="NA"),
            entry(**failed),
        )
    ] == ["", "05", "declined", "declined"]


def test_what_the_bank_does_by_itself_is_automatic() -> None:
    """
    By its own word for it.
    """
    made = entry(unique_request_id="AR0001", initiated_by="AUTO_REFUNDED")

    assert [each.automatic for each in read(made, entry())] == [True, False]


@pytest.mark.parametrize("amount", [0, -1, "1.005", "many", None, "1e999999999"])
def test_an_amount_that_is_not_exact_is_none(amount: object) -> None:
    """
    So that nobody takes it for one.
    """
    assert read(entry(amount=amount))[0].amount is None


@pytest.mark.parametrize("given", ["", None, 7, [], "R" * (REFUND_ID_MAX + 1)])
def test_an_id_that_cannot_be_kept_is_none(given: object) -> None:
    """
    Half an id could be another refund's.
    """
    told = refunds_of([entry(unique_request_id=given)])

    assert told[0].id == ""


def test_no_refunds_are_none() -> None:
    """
    Left out or empty.
    """
    assert refunds_of(None) == refunds_of([]) == ()


@pytest.mark.parametrize("odd", ["FILTERED", {"a": 1}, ["FILTERED"], [None]])
def test_what_stands_in_a_refunds_place_comes_to_notice(odd: object) -> None:
    """
    As one that nobody can read, never as none.
    """
    (told,) = refunds_of(odd)

    assert (told.id, told.amount, told.verdict) == ("", None, RefundVerdict.UNCLEAR)


def test_no_list_is_read_without_end() -> None:
    """
    An order takes 25 refunds of ours; four times as many are read.
    """
    assert len(read(*[entry()] * (REFUNDS_READ_MAX + 1))) == REFUNDS_READ_MAX
