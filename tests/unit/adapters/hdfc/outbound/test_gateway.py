"""What goes to the bank, and what its answers come to, without a network."""

import base64
import gzip
import json
import logging
import tracemalloc
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hdfc.auth.request_auth import ApiKeyAuth, GatewayCall
from adapters.hdfc.outbound.gateway import HdfcGateway
from adapters.hdfc.outbound.transport import BODY_BYTES_MAX, USER_AGENT, new_client
from adapters.hdfc.settings import HdfcSettings
from domain.identifiers import StudentId
from domain.money import Money
from domain.payments.order_facts import OrderFacts, Verdict
from domain.payments.payment import GatewayOrder, Student
from entrypoints.simulator.response_formats import ResponseFormat, translated
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayFailure,
    GatewayOperation,
    GatewayOutcomeUnknown,
    GatewayRefused,
    NewOrder,
)
from samples.hdfc.merchant import API_KEY, NEW_ORDER, RESPONSE_KEY, STUDENT, merchant
from samples.hdfc.samples import ORDER, UNHURRIED, raw_sample, sample

HTML = b"<!doctype html><title>Access denied</title>"
PAN = "4012 0000 0000 1097"


class Wire(httpx.AsyncByteStream):
    """A body that arrives from outside, as a network's does."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


class Bank:
    """Answers every request alike, and remembers the last one."""

    def __init__(
        self,
        body: bytes = b"",
        status: int = 200,
        headers: dict[str, str] | None = None,
        fault: Callable[[httpx.Request], httpx.RequestError] | None = None,
    ) -> None:
        self.body, self.status, self.headers, self.fault = body, status, headers or {}, fault
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.fault:
            raise self.fault(request)
        return httpx.Response(self.status, headers=self.headers, stream=Wire(self.body))

    def gateway(self, settings: HdfcSettings | None = None) -> HdfcGateway:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return HdfcGateway(settings or merchant(), client)


async def session_of(order: NewOrder = NEW_ORDER, **settings: Any) -> dict[str, Any]:
    bank = Bank(raw_sample("session"))
    await bank.gateway(merchant(**settings)).create_session(order)
    read: dict[str, Any] = json.loads(bank.asked[0].content)
    return read


def encoded(body: object) -> bytes:
    return json.dumps(body).encode()


async def test_a_session_is_asked_for_field_by_field() -> None:
    """
    The documented fields of SmartGateway's session API, and no others.
    """
    assert await session_of() == {
        "order_id": ORDER,
        "amount": "2359.50",
        "currency": "INR",
        "customer_id": "student-1",
        "customer_email": "asha@example.com",
        "customer_phone": "9000000001",
        "mobile_country_code": "+91",
        "payment_page_client_id": "hdfcmaster",
        "action": "paymentPage",
        "return_url": "https://pay.example.com/api/payment/callback",
        "description": "Vedic Mathematics I",
        "first_name": "Asha",
        "last_name": "Devi",
        "metadata.expiryInMins": "15",
    }


async def test_a_session_shows_the_methods_that_are_enabled() -> None:
    """
    And no other: the bank's own choice is switched off (SmartGateway's ``payment_filter``). The amount decides.
    """

    def few(amount: Money) -> tuple[str, ...]:
        return ("CARD", "UPI") if amount == Money(2359_50) else ()

    assert (await session_of(methods=few))["payment_filter"] == {
        "allowDefaultOptions": False,
        "options": [
            {"paymentMethodType": "CARD", "enable": True},
            {"paymentMethodType": "UPI", "enable": True},
        ],
    }


async def test_a_session_is_where_the_student_pays() -> None:
    """
    The bank's id and the page; the rest of its answer is not even read.
    """
    expected = GatewayOrder(
        id="ordeh_0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        payment_url="https://gateway.example.com/orders/ordeh_0a1b2c3d4e5f60718293a4b5c6d7e8f9/payment-page",
    )

    assert expected == await Bank(raw_sample("session")).gateway().create_session(NEW_ORDER)


@pytest.mark.parametrize(("colon", "sent"), [(True, f"{API_KEY}:"), (False, API_KEY)])
async def test_every_call_says_who_asks_about_whom(colon: bool, sent: str) -> None:  # noqa: FBT001 - a parameter of the table
    """
    The documented headers of SmartGateway's API; the key with its colon, or without.
    """
    settings = merchant(auth=ApiKeyAuth(key=API_KEY, colon=colon))
    opening, reading = Bank(raw_sample("session")), Bank(raw_sample("order_new"))
    await opening.gateway(settings).create_session(NEW_ORDER)
    await reading.gateway(settings).read_order(ORDER, STUDENT)

    for asked in (*opening.asked, *reading.asked):
        assert f"Basic {base64.b64encode(sent.encode()).decode()}" == asked.headers["authorization"]
        assert tuple(
            asked.headers[name]
            for name in ("x-merchantid", "x-customerid", "x-routing-id", "x-resellerid", "version")
        ) == ("SIMMERCHANT", "student-1", "student-1", "hdfc_reseller", "2023-06-30")
    assert opening.asked[0].headers["content-type"] == "application/json"
    assert ("GET", f"https://gateway.example.com/orders/{ORDER}", b"") == (
        reading.asked[0].method,
        str(reading.asked[0].url),
        reading.asked[0].content,
    )


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(900, "15"), (61, "2"), (60, "1"), (1, "1"), (0, "1")]
)
async def test_a_lifetime_is_told_in_whole_minutes(seconds: int, minutes: str) -> None:
    """
    Rounded up, so that the page does not close before our own clock says so, and never none.
    """
    order = replace(NEW_ORDER, lifetime=timedelta(seconds=seconds))

    assert minutes == (await session_of(order))["metadata.expiryInMins"]


@pytest.mark.parametrize(
    ("paise", "amount"), [(1000, "10.00"), (50_000_000, "500000.00"), (1001, "10.01")]
)
async def test_an_amount_has_two_decimals(paise: int, amount: str) -> None:
    """
    Rupees as text: never paise, never a float.
    """
    assert amount == (await session_of(replace(NEW_ORDER, amount=Money(paise))))["amount"]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Asha", "Asha", None),
        ("Ravi K. (Jr) N_a-b", "Ravi", "K. (Jr) N_a-b"),
        ("José  Núñez", "Jose", "Nunez"),
        ("<b>Asha</b> & Co", "bAshab", "Co"),
        ("आशा", None, None),
        ("x" * 300, "x" * 100, None),
    ],
)
async def test_a_name_is_sent_in_the_characters_the_bank_takes(
    name: str, first: str | None, last: str | None
) -> None:
    """
    What the bank would refuse is left out; a name is no reason to lose a payment.
    """
    body = await session_of(replace(NEW_ORDER, student=replace(NEW_ORDER.student, name=name)))

    assert (first, last) == (body.get("first_name"), body.get("last_name"))


@pytest.mark.parametrize("phone", ["", "123", "+449000000001", "९०००००००००", "90000 00001"])
@pytest.mark.parametrize(
    "email", ["", "asha", "a@b@c", "a b@example.com", "x" * 70 + "@example.com"]
)
async def test_what_the_bank_would_refuse_of_a_student_is_not_sent(phone: str, email: str) -> None:
    """
    Phone and mail address are offers, not conditions.
    """
    student = replace(NEW_ORDER.student, phone=phone, email=email)
    body = await session_of(replace(NEW_ORDER, student=student))

    assert not {"customer_phone", "mobile_country_code", "customer_email"} & set(body)


@pytest.mark.parametrize("written", ["9000000001", "+919000000001", "919000000001", "09000000001"])
async def test_an_indian_number_is_sent_as_ten_digits(written: str) -> None:
    """
    The country code has a field of its own (SmartGateway's session API).
    """
    student = replace(NEW_ORDER.student, phone=written)
    body = await session_of(replace(NEW_ORDER, student=student))

    assert (body["customer_phone"], body["mobile_country_code"]) == ("9000000001", "+91")


async def test_a_long_description_is_cut() -> None:
    """
    The bank takes 255 characters, on one line.
    """
    body = await session_of(replace(NEW_ORDER, description="Vedic\r\nMathematics " * 40))

    assert len(body["description"]) == 255
    assert body["description"].startswith("Vedic Mathematics Vedic")


@pytest.mark.parametrize(
    "student",
    [
        "asha@example.com",
        "auth0|64f",
        "https://sso.example.com/asha",
        "a b",
        "आशा",
        "a\r\nx-evil: 1",
        "a/b",
        "|" * 255,
        "",
    ],
)
async def test_any_student_id_travels_in_a_header(student: str) -> None:
    """
    The platform's ids are anybody's; they neither break a header nor differ from the body's.
    """
    order = replace(
        NEW_ORDER, student=Student(id=StudentId(student), name="Asha", email="a@example.com")
    )
    bank = Bank(raw_sample("session"))
    await bank.gateway().create_session(order)
    sent = bank.asked[0].headers

    assert sent["x-customerid"] == json.loads(bank.asked[0].content)["customer_id"]
    assert sent["x-routing-id"] == (sent["x-customerid"] or ORDER)
    assert len(sent["x-customerid"]) <= 255
    assert "x-evil" not in sent


async def test_two_long_student_ids_stay_two() -> None:
    """
    What is too long for the bank is named by its digest, one and the same in every call.
    """
    ids = ("|" * 254 + "a", "|" * 254 + "b", "|" * 254 + "a")
    bank = Bank(raw_sample("order_new"))
    for each in ids:
        await bank.gateway().read_order(ORDER, StudentId(each))
    first, other, again = (each.headers["x-customerid"] for each in bank.asked)

    assert first == again
    assert first != other


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example.net/payment-page",
        "http://gateway.example.com/payment-page",
        "https://evil.example.net\\@gateway.example.com/",
        "javascript:alert(1)",
        "",
    ],
)
async def test_a_page_at_a_foreign_place_is_not_shown(
    page: str, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Whoever changes where students pay can steal cards: no redirect, and somebody is woken.
    """
    body = encoded(sample("session", payment_links={"web": page}))

    with pytest.raises(GatewayDown):
        await Bank(body).gateway().create_session(NEW_ORDER)
    assert [
        getattr(record, "needs_attention", False)
        for record in caplog.records
        if record.levelno == logging.CRITICAL
    ] == [True]


async def test_a_page_at_an_allowed_host_is_shown() -> None:
    """
    An operator may name further hosts of the bank.
    """
    page = "https://pages.example.com/pay/1"
    bank = Bank(encoded(sample("session", payment_links={"web": page})))
    settings = merchant(payment_hosts=("pages.example.com",))

    assert page == (await bank.gateway(settings).create_session(NEW_ORDER)).payment_url


@pytest.mark.parametrize("order", ["SKAAAAAAAAAAAAAAAAAA", ORDER.lower(), ""])
async def test_an_answer_about_another_order_is_not_believed(
    order: str, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Neither a session nor, above all, a sale of somebody else's order is taken for ours.
    """
    with pytest.raises(GatewayDown):
        await Bank(encoded(sample("session", order_id=order))).gateway().create_session(NEW_ORDER)
    sale = Bank(encoded(sample("order_charged_card", order_id=order))).gateway()
    with pytest.raises(GatewayDown):
        await sale.read_order(ORDER, STUDENT)
    assert sum(record.levelno == logging.CRITICAL for record in caplog.records) == 2


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (raw_sample("error_denied"), 401, GatewayDenied),
        (raw_sample("error_origin"), 403, GatewayDenied),
        (HTML, 401, GatewayDown),
        (HTML, 403, GatewayDown),
        (HTML, 200, GatewayDown),
        (HTML, 404, GatewayDown),
        (b"", 200, GatewayDown),
        (b"[]", 200, GatewayDown),
        (b"{}", 200, GatewayDown),
        (b"{}", 500, GatewayDown),
        (HTML, 502, GatewayDown),
        (raw_sample("error_denied"), 503, GatewayDown),
        (HTML, 429, GatewayBusy),
        (b"{}", 429, GatewayBusy),
        (b"{}", 302, GatewayDown),
        (b"{}", 418, GatewayDown),
    ],
)
async def test_every_other_answer_has_its_name(
    body: bytes, status: int, expected: type[GatewayFailure]
) -> None:
    """
    Session and read agree on what is down, busy and denied.
    """
    headers = {"x-response-id": "resp-1"}
    with pytest.raises(expected) as opening:
        await Bank(body, status, headers).gateway().create_session(NEW_ORDER)
    with pytest.raises(expected) as reading:
        await Bank(body, status, headers).gateway().read_order(ORDER, STUDENT)

    assert (expected, expected) == (type(opening.value), type(reading.value))
    assert (opening.value.response_id, reading.value.response_id) == ("resp-1", "resp-1")


@pytest.mark.parametrize("status", [400, 404, 415])
async def test_a_refused_session_names_the_fields(status: int) -> None:
    """
    What the bank says to users is kept, what it says to developers is not.
    """
    with pytest.raises(GatewayRefused) as refusal:
        await Bank(raw_sample("error_invalid"), status).gateway().create_session(NEW_ORDER)

    assert refusal.value.fields == ("order_id", "amount")
    assert refusal.value.detail == "Invalid input data"


async def test_an_older_refusal_is_understood_too() -> None:
    """
    Errors without ``error_info`` have a message of their own; a read cannot be refused, only fail.
    """
    with pytest.raises(GatewayRefused, match="That amount is not valid"):
        await Bank(raw_sample("error_invalid_old"), 400).gateway().create_session(NEW_ORDER)
    with pytest.raises(GatewayDown, match="That amount is not valid"):
        await Bank(raw_sample("error_invalid_old"), 400).gateway().read_order(ORDER, STUDENT)


@pytest.mark.parametrize(
    "fields", ["x", [1], [{"field_name": 7}, {}], None, [{"field_name": PAN}] * 30]
)
async def test_a_refusal_is_bounded_and_holds_no_card(fields: object) -> None:
    """
    The bank's own words are redacted and cut before they go anywhere.
    """
    said = {"user_message": f"{PAN} " + "x" * 5000, "fields": fields}
    gateway = Bank(encoded({"status": "ERROR", "error_info": said}), 400).gateway()
    with pytest.raises(GatewayRefused) as refusal:
        await gateway.create_session(NEW_ORDER)

    assert len(refusal.value.detail) <= 300
    assert len(refusal.value.fields) <= 20
    assert "4012" not in f"{refusal.value} {refusal.value.fields}"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (raw_sample("error_not_found"), 404),
        (raw_sample("error_not_found"), 400),
        (raw_sample("error_not_found"), 200),
        (b'{"error_code":"order_not_found"}', 400),
        (b'{"error_info":{"code":"RESOURCE_NOT_FOUND"}}', 400),
        (b'{"status":"error","error_code":"whatever"}', 404),
    ],
)
async def test_an_unknown_order_is_a_verdict(body: bytes, status: int) -> None:
    """
    The bank has several ways of never having heard of an order.
    """
    expected = OrderFacts(payment=ORDER, verdict=Verdict.UNKNOWN_ORDER)

    assert expected == await Bank(body, status).gateway().read_order(ORDER, STUDENT)


@pytest.mark.parametrize("status", [200, 401, 403, 500, 503])
async def test_an_order_is_not_unknown_by_the_way(status: int) -> None:
    """
    An answer that is also something else, a refusal or a sale, is not about an unknown order.
    """
    body = encoded(sample("order_charged_card", error_info={"code": "RESOURCE_NOT_FOUND"}))
    try:
        told = await Bank(body, status).gateway().read_order(ORDER, STUDENT)
    except (GatewayDenied, GatewayDown):
        assert status != 200
    else:
        assert (status, told.verdict) == (200, Verdict.CHARGED)


@pytest.mark.parametrize("body", [b"{}", b'{"message":"no route"}', HTML])
async def test_a_lost_route_knows_no_orders(body: bytes) -> None:
    """
    A proxy's 404 is not the bank's: an order must not lapse because of it.
    """
    with pytest.raises(GatewayDown):
        await Bank(body, 404).gateway().read_order(ORDER, STUDENT)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 120 "}, 120),
        ({"retry-after": "999999"}, 3600),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
        (
            {
                "retry-after": "Mon, 03 Aug 2026 09:00:30 GMT",
                "date": "Mon, 03 Aug 2026 09:00:00 GMT",
            },
            30,
        ),
        (
            {
                "retry-after": "Mon, 03 Aug 2026 08:00:00 GMT",
                "date": "Mon, 03 Aug 2026 09:00:00 GMT",
            },
            0,
        ),
        ({"retry-after": "Mon, 03 Aug 2026 09:00:30 GMT"}, None),
        (
            {"retry-after": "Mon, 03 Aug 2026 09:00:30", "date": "Mon, 03 Aug 2026 09:00:00 GMT"},
            None,
        ),
    ],
)
async def test_a_busy_bank_may_say_how_long(headers: dict[str, str], seconds: int | None) -> None:
    """
    Seconds or a date, at most an hour; what cannot be read is not guessed.
    """
    with pytest.raises(GatewayBusy) as busy:
        await Bank(b"", 429, headers).gateway().read_order(ORDER, STUDENT)

    assert (None if seconds is None else timedelta(seconds=seconds)) == busy.value.retry_after


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.LocalProtocolError,
        httpx.ProxyError,
        httpx.UnsupportedProtocol,
    ],
)
async def test_a_request_that_was_never_sent_had_no_effect(
    error: type[httpx.TransportError],
) -> None:
    """
    The gateway is down, and that is certain.
    """
    bank = Bank(fault=lambda request: error("no", request=request))

    with pytest.raises(GatewayDown):
        await bank.gateway().create_session(NEW_ORDER)
    with pytest.raises(GatewayDown):
        await bank.gateway().read_order(ORDER, STUDENT)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.CloseError,
        httpx.RemoteProtocolError,
    ],
)
async def test_a_request_without_an_answer_may_have_had_its_effect(
    error: type[httpx.TransportError],
) -> None:
    """
    A session may be open now; a read may simply be repeated.
    """
    bank = Bank(fault=lambda request: error("no", request=request))

    with pytest.raises(GatewayOutcomeUnknown):
        await bank.gateway().create_session(NEW_ORDER)
    with pytest.raises(GatewayDown):
        await bank.gateway().read_order(ORDER, STUDENT)


async def test_a_packed_answer_is_unpacked() -> None:
    """
    The bank may send gzip, which is what we say we take.
    """
    bank = Bank(gzip.compress(raw_sample("order_new")), headers={"content-encoding": "gzip"})

    assert Verdict.NOT_ATTEMPTED is (await bank.gateway().read_order(ORDER, STUDENT)).verdict


@cache
def bomb() -> bytes:
    """Return 50 megabytes in 50 kilobytes, packed where a test asks for it and not where the file is read."""
    return gzip.compress(b" " * 50_000_000)


@pytest.mark.parametrize(
    ("body_of", "encoding"),
    [
        (lambda: b" " * BODY_BYTES_MAX + b"{}", "identity"),
        (bomb, "gzip"),
        (lambda: gzip.compress(raw_sample("order_new"))[:-20], "gzip"),
        (lambda: raw_sample("order_new"), "gzip"),
        (lambda: raw_sample("order_new"), "br"),
        (lambda: raw_sample("order_new"), "gzip, gzip"),
    ],
    ids=["too large", "bomb", "cut short", "not packed", "packed otherwise", "packed twice"],
)
async def test_a_body_beyond_what_was_agreed_is_not_read(
    body_of: Callable[[], bytes], encoding: str
) -> None:
    """
    Too large as sent or once unpacked, cut short, or packed otherwise than we asked for.
    """
    with pytest.raises(GatewayDown):
        await (
            Bank(body_of(), headers={"content-encoding": encoding})
            .gateway()
            .read_order(ORDER, STUDENT)
        )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"order_id": None}, "order_id is missing"),
        ({"amount": {"value": 1}}, "amount is not of the agreed kind"),
        ({"currency": [1]}, "currency is not of the agreed kind"),
    ],
)
async def test_an_order_out_of_shape_names_its_field(changes: dict[str, Any], said: str) -> None:
    """
    Whoever looks into it need not guess which of sixty fields it was.
    """
    with pytest.raises(GatewayDown, match=f"no order: {said}"):
        await Bank(encoded(sample("order_new", **changes))).gateway().read_order(ORDER, STUDENT)


@pytest.mark.parametrize(
    ("links", "said"),
    [
        (None, "payment_links is missing"),
        ("x", "payment_links is not of the agreed kind"),
        ({"mobile": "x"}, "payment_links.web is missing"),
        ({"web": {"a": 1}}, "payment_links.web is not of the agreed kind"),
    ],
)
async def test_a_session_out_of_shape_names_its_field(links: object, said: str) -> None:
    """
    Inner fields are named from the top.
    """
    with pytest.raises(GatewayDown, match=f"no session: {said}"):
        await (
            Bank(encoded(sample("session", payment_links=links)))
            .gateway()
            .create_session(NEW_ORDER)
        )


@pytest.mark.parametrize("dialect", [ResponseFormat.XML, ResponseFormat.FORM])
async def test_the_gateway_does_not_care_how_it_was_said(dialect: ResponseFormat) -> None:
    """
    The same facts from every dialect.
    """
    media, body = translated(dialect, raw_sample("order_charged_card"))
    expected = await Bank(raw_sample("order_charged_card")).gateway().read_order(ORDER, STUDENT)

    assert Verdict.CHARGED is expected.verdict
    assert expected == await Bank(body, headers={"content-type": media}).gateway().read_order(
        ORDER, STUDENT
    )


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
near_misses = st.fixed_dictionaries(
    {
        "order_id": st.sampled_from([ORDER, "SKAAAAAAAAAAAAAAAAAA"]) | json_values,
        "status": st.sampled_from(["CHARGED", "NEW", "NOT_FOUND"]) | json_values,
        "status_id": st.sampled_from([21, "21", 10, 40]) | json_values,
        "amount": st.sampled_from([1, "2359.50", 2359.505]) | json_values,
        "currency": st.just("INR") | json_values,
    },
    optional={"card": json_values, "txn_detail": json_values, "error_info": json_values},
)


@UNHURRIED
@given(answer=near_misses | json_values, status=st.sampled_from([200, 201, 400, 404, 500]))
async def test_no_answer_is_a_sale_unless_all_of_it_is(answer: Any, status: int) -> None:
    """
    Any JSON at all: down, or a verdict; charged only for our order with CHARGED, 21 and money.
    """
    try:
        told = await Bank(encoded(answer), status).gateway().read_order(ORDER, STUDENT)
    except GatewayDown:
        return
    if told.verdict is Verdict.CHARGED:
        assert status in {200, 201}
        assert (
            answer["order_id"],
            answer["status"],
            str(answer["status_id"]),
        ) == (ORDER, "CHARGED", "21")
        assert told.amount is not None
        assert told.amount.rupees == told.amount.from_rupees(str(answer["amount"])).rupees


@UNHURRIED
@given(body=st.binary(max_size=200), status=st.integers(200, 599))
async def test_any_bytes_are_a_typed_answer(body: bytes, status: int) -> None:
    """
    Whatever stands between us and the bank, only the port's own errors leave the adapter.
    """
    with pytest.raises(GatewayFailure):
        await Bank(body, status).gateway().create_session(NEW_ORDER)
    with pytest.raises(GatewayFailure):
        await Bank(body, status).gateway().read_order(ORDER, STUDENT)


async def test_logs_hold_no_secret_and_no_person(caplog: pytest.LogCaptureFixture) -> None:
    """
    The order id and the bank's response id are all that a log line needs.
    """
    caplog.set_level(logging.DEBUG)
    headers = {"x-response-id": "resp-1"}
    await Bank(raw_sample("session"), 200, headers).gateway().create_session(NEW_ORDER)
    await Bank(raw_sample("order_charged_card"), 200, headers).gateway().read_order(ORDER, STUDENT)
    with pytest.raises(GatewayDown):
        await Bank(HTML, 200, headers).gateway().create_session(NEW_ORDER)
    written = " ".join(repr(record.__dict__) for record in caplog.records)

    assert "resp-1" in written
    assert ORDER in written
    for private in (
        API_KEY,
        RESPONSE_KEY,
        "Basic",
        "asha",
        "Asha",
        "9000000001",
        "tkn_",
        "student-1",
    ):
        assert private not in written


def test_no_secret_shows_in_a_repr() -> None:
    """
    What ends up in a traceback is no key.
    """
    shown = repr(Bank().gateway())

    assert API_KEY not in shown
    assert RESPONSE_KEY not in shown


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "http://gateway.example.com"},
        {"base_url": "gateway.example.com"},
        {"response_key": ""},
    ],
)
def test_a_gateway_that_cannot_be_trusted_is_not_set_up(changes: dict[str, str]) -> None:
    """
    A key goes over TLS or stays on this machine, and an empty key signs for anybody.
    """
    with pytest.raises(ValueError, match="gateway"):
        merchant(**changes)


def test_a_key_that_is_none_is_not_set_up() -> None:
    with pytest.raises(ValueError, match="gateway"):
        ApiKeyAuth(key="")


def test_a_refund_is_asked_for_by_form() -> None:
    """
    SmartGateway's refund API: the one call of this mode that is no JSON.
    """
    request = ApiKeyAuth(key=API_KEY).prepare(
        GatewayCall(
            operation=GatewayOperation.REFUND,
            order=ORDER,
            fields={"unique_request_id": "RF1", "amount": "500.00"},
        )
    )

    assert (request.method, request.path) == ("POST", f"/orders/{ORDER}/refunds")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.content == b"unique_request_id=RF1&amount=500.00"


async def test_the_client_is_set_up_for_the_open_internet() -> None:
    """
    Every wait ends, no redirect is followed, no proxy of the environment listens in.
    """
    async with new_client(merchant()) as client:
        assert httpx.Timeout(connect=5, read=30, write=30, pool=5) == client.timeout
        assert (client.follow_redirects, client.trust_env) == (False, False)
        assert client.headers["user-agent"] == USER_AGENT
        assert client.headers["accept-encoding"] == "gzip"


async def test_a_small_answer_is_not_unpacked_into_a_large_one() -> None:
    """
    Of 50 megabytes that arrive in 50 kilobytes only as much is unpacked as an answer may have.
    """
    bank = Bank(bomb(), headers={"content-encoding": "gzip"})
    gateway = bank.gateway()
    tracemalloc.start()
    try:
        with pytest.raises(GatewayDown):
            await gateway.read_order(ORDER, STUDENT)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 4 * BODY_BYTES_MAX
