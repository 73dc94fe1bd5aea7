"""The bank's answers in our words: one table, and nothing outside it is ever a sale."""

import json
from datetime import UTC, datetime
from itertools import product
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hdfc.formats.answer_body import read_answer
from adapters.hdfc.formats.json_text import read_json
from adapters.hdfc.outbound.translate import STATUSES, facts_of, meaning_of
from adapters.hdfc.outbound.wire import OrderAnswer
from domain.money import Money
from domain.payments.adjustment import Adjustment
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import Instrument, OrderFacts, ReviewReason, Verdict
from domain.text.card_number import CardTail
from samples.hdfc.samples import ORDER, UNHURRIED, sample

PAN = "4012000000001097"


def facts(body: dict[str, Any]) -> OrderFacts:
    return facts_of(msgspec.convert(read_json(json.dumps(body).encode()), OrderAnswer), ORDER)


def test_a_card_sale_is_told_in_full() -> None:
    """
    Every field that finance needs, and of the card only what may be kept.
    """
    assert OrderFacts(
        payment=ORDER,
        verdict=Verdict.CHARGED,
        amount=Money(235_950),
        currency="INR",
        word="CHARGED",
        word_id=21,
        bank_txn_id=f"SIMMERCHANT-{ORDER}-1",
        bank_reference="621510654321",
        instrument=Instrument(
            method="CARD", card_tail=CardTail("1097"), card_brand="VISA", card_issuer="Example Bank"
        ),
        charged_at=datetime(2026, 8, 3, 9, 31, 42, tzinfo=UTC),
        adjustment=Adjustment(effective=Money(235_950)),
    ) == facts(sample("order_charged_card"))


@pytest.mark.parametrize(
    ("changes", "detail", "expected"),
    [
        ({"effective_amount": 2407.5}, {}, Adjustment(effective=Money(240_750))),
        ({"effective_amount": "2.3E+3"}, {}, Adjustment(effective=Money(230_000))),
        ({"effective_amount": 0}, {}, Adjustment(effective=Money(0))),
        ({"effective_amount": None}, {}, Adjustment()),
        ({"effective_amount": "FILTERED"}, {}, Adjustment()),
        ({"effective_amount": "many"}, {}, Adjustment(unreadable=True)),
        ({"effective_amount": -1}, {}, Adjustment(unreadable=True)),
        ({"effective_amount": "0.001"}, {}, Adjustment(unreadable=True)),
        ({"effective_amount": [1]}, {}, Adjustment(unreadable=True)),
        (
            {"effective_amount": None},
            {"surcharge_amount": 40, "tax_amount": 7.2, "offer_deduction_amount": "59.50"},
            Adjustment(surcharge=Money(47_20), offer=Money(59_50)),
        ),
        ({"effective_amount": None}, {"tax_amount": 7.2}, Adjustment(surcharge=Money(7_20))),
    ],
)
def test_what_is_reported_beside_the_amount_is_told(
    changes: dict[str, Any], detail: dict[str, Any], expected: Adjustment
) -> None:
    """
    Each amount as far as it is exact; that one was not is told as well.
    """
    body = sample("order_charged_card", **changes)
    body["txn_detail"] |= detail

    assert facts(body).adjustment == expected


def test_words_in_the_place_of_objects_are_lived_with() -> None:
    """
    ``FILTERED`` for a card, numbers as texts and ``NA`` for a message make the sale no less a sale.
    """
    told = facts(sample("order_charged_upi"))

    assert (Verdict.CHARGED, Money(235_950), 21) == (told.verdict, told.amount, told.word_id)
    assert Instrument(method="UPI") == told.instrument


def test_an_order_nobody_tried_to_pay_is_not_attempted() -> None:
    """
    The shortest answer there is: no attempt, hence no reference and no instrument.
    """
    told = facts(sample("order_new"))

    assert (Verdict.NOT_ATTEMPTED, Instrument()) == (told.verdict, told.instrument)
    assert (told.failure, told.bank_reference, told.charged_at) == (None, "", None)


@pytest.mark.parametrize(
    ("word", "word_id", "verdict", "review_reason"),
    [
        ("CREATED", 1, Verdict.NOT_ATTEMPTED, None),
        ("NEW", 10, Verdict.NOT_ATTEMPTED, None),
        ("STARTED", 20, Verdict.IN_PROGRESS, None),
        ("CHARGED", 21, Verdict.CHARGED, None),
        ("JUSPAY_DECLINED", 22, Verdict.DECLINED, None),
        ("PENDING_VBV", 23, Verdict.IN_PROGRESS, None),
        ("VBV_SUCCESSFUL", 24, Verdict.IN_PROGRESS, None),
        ("AUTHORIZED", 25, Verdict.UNCLEAR, ReviewReason.AUTHORISED_ONLY),
        ("AUTHENTICATION_FAILED", 26, Verdict.DECLINED, None),
        ("AUTHORIZATION_FAILED", 27, Verdict.DECLINED, None),
        ("AUTHORIZING", 28, Verdict.IN_PROGRESS, None),
        ("COD_INITIATED", 29, Verdict.UNCLEAR, ReviewReason.UNKNOWN_STATUS),
        ("VOIDED", 31, Verdict.UNCLEAR, ReviewReason.VOIDED),
        ("VOID_INITIATED", 32, Verdict.UNCLEAR, ReviewReason.VOIDED),
        ("CAPTURE_INITIATED", 33, Verdict.UNCLEAR, ReviewReason.CAPTURE_PENDING),
        ("CAPTURE_FAILED", 34, Verdict.UNCLEAR, ReviewReason.UNKNOWN_STATUS),
        ("AUTO_REFUNDED", 36, Verdict.UNCLEAR, ReviewReason.AUTO_REFUNDED),
        ("PARTIAL_CHARGED", 37, Verdict.UNCLEAR, ReviewReason.PARTLY_CHARGED),
        ("NOT_FOUND", 40, Verdict.UNKNOWN_ORDER, None),
        ("SUCCESS", 21, Verdict.UNCLEAR, ReviewReason.UNKNOWN_STATUS),
        ("charged", 21, Verdict.UNCLEAR, ReviewReason.UNKNOWN_STATUS),
    ],
)
def test_each_status_means_one_thing(
    word: str, word_id: int, verdict: Verdict, review_reason: ReviewReason | None
) -> None:
    """
    SmartGateway's documented statuses, and words outside them.
    """
    told = facts(sample("order_new", status=word, status_id=word_id))

    assert (verdict, review_reason) == (told.verdict, told.review_reason)
    assert (word, word_id) == (told.word, told.word_id)


@pytest.mark.parametrize(
    ("word", "word_id"),
    [
        (word, word_id)
        for (word, _), (_, word_id) in product(STATUSES, STATUSES)
        if (word, word_id) not in STATUSES
    ],
)
def test_a_word_with_a_foreign_number_is_unclear(word: str, word_id: int) -> None:
    """
    Word and number have to agree; in particular success is CHARGED and 21.
    """
    meaning = meaning_of(word, word_id)

    assert (meaning.verdict, meaning.review_reason) == (
        Verdict.UNCLEAR,
        ReviewReason.UNKNOWN_STATUS,
    )


@pytest.mark.parametrize(
    "amount",
    [
        "1499.505",
        "-2359.50",
        "0",
        "1499505E-3",
        "1E+16",
        "1e999999999",
        "1E-999999999",
        "NaN",
        "Infinity",
        "FILTERED",
        "",
        "\uff12\uff13\uff15\uff19.50",
        "1,499.50",
        "9" * 5000,
    ],
)
def test_an_amount_that_is_no_exact_money_proves_no_sale(amount: str) -> None:
    """
    More than two decimals, more rupees than can be kept, signs and words leave even CHARGED unclear.
    """
    told = facts(sample("order_charged_card", amount=amount))

    assert (told.verdict, told.review_reason) == (Verdict.UNCLEAR, ReviewReason.UNKNOWN_STATUS)
    assert (told.amount, told.charged_at) == (None, None)


@pytest.mark.parametrize("content_type", ["application/json", "application/xml", "form"])
@pytest.mark.parametrize("written", ["525", "525.00", "525.000", "5.25E+2", "5.25e2", "52500E-2"])
def test_one_amount_is_one_amount_in_every_notation(content_type: str, written: str) -> None:
    """
    Of the order and of its refunds, in each format of the bank.
    """
    bodies = {
        "application/json": (
            f'{{"order_id":"{ORDER}","status":"CHARGED","status_id":2.1E+1,"amount":{written},'
            f'"currency":"INR","refunds":[{{"unique_request_id":"R1","status":"PENDING",'
            f'"amount":{written}}}]}}'
        ),
        "application/xml": (
            f"<order><order_id>{ORDER}</order_id><status>CHARGED</status>"
            f"<status_id>2.1E+1</status_id><amount>\n {written} </amount><currency>INR</currency>"
            f"<refunds><refund><unique_request_id>R1</unique_request_id><status>PENDING</status>"
            f"<amount>{written}</amount></refund></refunds></order>"
        ),
        "form": urlencode(
            {
                "order_id": ORDER,
                "status": "CHARGED",
                "status_id": "2.1E+1",
                "amount": written,
                "currency": "INR",
                "refunds[0][unique_request_id]": "R1",
                "refunds[0][status]": "PENDING",
                "refunds[0][amount]": written,
            }
        ),
    }
    kind = "application/x-www-form-urlencoded" if content_type == "form" else content_type
    read = read_answer(kind, bodies[content_type].encode())

    told = facts_of(msgspec.convert(read, OrderAnswer), ORDER)

    assert (told.verdict, told.word_id, told.amount) == (Verdict.CHARGED, 21, Money(52_500))
    assert [refund.amount for refund in told.refunds] == [Money(52_500)]


@pytest.mark.parametrize("number", [b"2359.505", b"2.359505e3"])
def test_a_third_decimal_in_a_bare_number_is_seen(number: bytes) -> None:
    """
    A JSON number is judged by how it was written, not by the float it would have become.
    """
    body = msgspec.json.encode(sample("order_charged_card")).replace(
        b'"amount":2359.5,', b'"amount":' + number + b","
    )
    answer = msgspec.convert(read_json(body), OrderAnswer)

    assert Verdict.UNCLEAR is facts_of(answer, ORDER).verdict


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({}, FailureReason.INSUFFICIENT_FUNDS),
        ({"bank_error_code": "51"}, FailureReason.INSUFFICIENT_FUNDS),
        (
            {
                "bank_error_code": "05",
                "txn_detail": None,
                "payment_gateway_response": {"resp_code": "05"},
            },
            FailureReason.DECLINED_BY_BANK,
        ),
        ({"bank_error_code": 3, "txn_detail": "x", "payment_gateway_response": []}, None),
    ],
)
def test_the_payers_bank_may_say_why(
    changes: dict[str, Any], failure: FailureReason | None
) -> None:
    """
    Codes 03 and 51 are too little money; others are a plain refusal.
    """
    told = facts(sample("order_failed", **changes))

    assert (failure or FailureReason.DECLINED_BY_BANK) is told.failure


@pytest.mark.parametrize(
    ("word", "word_id", "failure"),
    [
        ("JUSPAY_DECLINED", 22, FailureReason.DECLINED_BY_GATEWAY),
        ("AUTHENTICATION_FAILED", 26, FailureReason.AUTHENTICATION_FAILED),
        ("AUTHORIZATION_FAILED", 27, FailureReason.DECLINED_BY_BANK),
    ],
)
def test_without_a_code_the_status_says_why(
    word: str, word_id: int, failure: FailureReason
) -> None:
    """
    Each of the three failures has its own reason and hint.
    """
    assert failure is facts(sample("order_new", status=word, status_id=word_id)).failure


@pytest.mark.parametrize("nothing", [None, "", "NA", "na", "N/A", "null", {}, [], 12, True, "  "])
def test_a_missing_reference_is_empty(nothing: object) -> None:
    """
    Banks have many ways of saying nothing; a number is still a reference.
    """
    told = facts(
        sample(
            "order_charged_card",
            txn_id=nothing,
            txn_detail=None,
            payment_gateway_response={"rrn": nothing},
        )
    )

    assert told.bank_reference in {"", "12"}
    assert told.bank_txn_id == told.bank_reference


@pytest.mark.parametrize("digits", ["", "109", "10970", "10x7", "१०९७", None, 1097, {"a": 1}])
def test_only_four_digits_make_a_card_tail(digits: object) -> None:
    """
    Whatever else the bank puts there is dropped, not stored.
    """
    told = facts(sample("order_charged_card", card={"last_four_digits": digits}))

    assert told.instrument.card_tail in {None, CardTail("1097")}
    assert (told.instrument.card_tail is None) is (digits != 1097)


def test_a_card_number_in_any_text_is_masked() -> None:
    """
    A bank that writes a card number where it does not belong does not make us keep it.
    """
    told = facts(
        sample(
            "order_charged_card",
            status=f"X {PAN}",
            currency=PAN,
            txn_id=f"T {PAN}",
            payment_method_type=PAN,
            card={"card_issuer": f"Bank {PAN}", "card_brand": PAN, "last_four_digits": PAN},
            payment_gateway_response={"rrn": PAN},
        )
    )

    assert PAN not in repr(told)
    assert None is told.instrument.card_tail


def test_long_and_unprintable_texts_are_cut_to_size() -> None:
    """
    What goes to a database has a bound and no control characters.
    """
    told = facts(
        sample(
            "order_charged_card",
            txn_id="T" * 500,
            payment_gateway_response={"rrn": "R\x00\n\u202e1\ud800"},
            card={"card_issuer": "I" * 500},
        )
        | {"payment_method_type": "M" * 500}
    )

    assert (
        len(told.bank_txn_id),
        len(told.instrument.card_issuer),
        len(told.instrument.method),
    ) == (64, 100, 40)
    assert told.bank_reference.isprintable()


@pytest.mark.parametrize(
    "created",
    [
        None,
        "",
        "NA",
        "2026-08-03T09:31:42",
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:59:59-23:00",
        7,
        {},
    ],
)
def test_a_charge_without_a_believable_instant_has_none(created: object) -> None:
    """
    A time without a zone, or of another age, is left to the reader's own clock.
    """
    told = facts(
        sample(
            "order_charged_card",
            payment_gateway_response={"created": created},
            txn_detail={"created": created},
        )
    )

    assert (told.verdict, told.charged_at) == (Verdict.CHARGED, None)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@UNHURRIED
@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: json_values
            for name in sample("order_charged_card")
            if name not in {"order_id", "status", "status_id", "amount", "currency"}
        },
    )
)
def test_optional_fields_never_undo_or_make_a_sale(odd: dict[str, Any]) -> None:
    """
    Five fields decide; the rest may be missing, or any JSON at all.
    """
    assert Verdict.CHARGED is facts(sample("order_charged_card") | odd).verdict
    assert Verdict.NOT_ATTEMPTED is facts(sample("order_new") | odd).verdict
