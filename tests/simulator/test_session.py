"""Opening a payment session: what is answered, what is refused, and how the refusal reads."""

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from entrypoints.simulator.config import SimulatorConfig
from simulator.in_process import HandClock, StartMerchant
from simulator.merchant import Merchant


def basic(credentials: str) -> str:
    return f"Basic {b64encode(credentials.encode()).decode()}"


def complaints(answer: dict[str, Any]) -> set[str]:
    return {field["field_name"] for field in answer["error_info"]["fields"]}


async def test_the_answer_is_the_documented_one(merchant: Merchant) -> None:
    """
    Field by field as SmartGateway documents it, with instants in UTC to the second.
    """
    answer = await merchant.create_session(
        "ORD20260731A1B2C3D4",
        customer_email="asha@example.com",
        customer_phone="9000000001",
        description="Invoice 42",
        first_name="Asha",
        udf1="inv42",
        **{"metadata.expiryInMins": "15"},
    )

    gateway_id, payload = answer["id"], answer["sdk_payload"]["payload"]
    assert gateway_id.startswith("ordeh_")
    assert len(gateway_id) == len("ordeh_") + 32
    assert answer == {
        "status": "NEW",
        "id": gateway_id,
        "order_id": "ORD20260731A1B2C3D4",
        "payment_links": {
            "web": f"https://gateway.example.com/orders/{gateway_id}/payment-page",
            "expiry": "2026-07-31T10:30:00Z",
        },
        "sdk_payload": {
            "requestId": answer["sdk_payload"]["requestId"],
            "service": "in.juspay.hyperpay",
            "payload": {
                "clientId": "hdfcmaster",
                "amount": "1499.50",
                "merchantId": "SIMMERCHANT",
                "clientAuthToken": payload["clientAuthToken"],
                "clientAuthTokenExpiry": "2026-07-31T10:30:00Z",
                "environment": "sandbox",
                "action": "paymentPage",
                "customerId": "cust0001",
                "returnUrl": "https://pay.example.com/hdfc/return",
                "currency": "INR",
                "orderId": "ORD20260731A1B2C3D4",
                "customerPhone": "9000000001",
                "customerEmail": "asha@example.com",
                "description": "Invoice 42",
                "firstName": "Asha",
                "udf1": "inv42",
            },
            "expiry": "2026-07-31T10:30:00Z",
        },
        "order_expiry": "2026-07-31T10:30:00Z",
    }
    assert len(payload["clientAuthToken"]) == len("tkn_") + 32


async def test_a_session_lives_as_long_as_was_asked(merchant: Merchant) -> None:
    answer = await merchant.create_session(**{"metadata.expiryInMins": "45"})

    assert answer["order_expiry"] == "2026-07-31T11:00:00Z"


@pytest.mark.parametrize("amount", ["1", "1.5", "100.15", 1, 1499.5, 100.15, "500000.00"])
async def test_an_amount_is_text_or_number(merchant: Merchant, amount: object) -> None:
    """
    Whole rupees, one decimal or two; the payload repeats what was sent, as text.
    """
    answer = await merchant.create_session(amount=amount)

    assert answer["sdk_payload"]["payload"]["amount"] == str(amount)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("order_id", "ORD20260731A1B2C3D45X"),
        ("order_id", "ORD-1"),
        ("order_id", "ORD 1"),
        ("order_id", "ORDÉ"),
        ("order_id", 12345),
        ("amount", "10.001"),
        ("amount", 10.001),
        ("amount", "0.99"),
        ("amount", "-5"),
        ("amount", "+5"),
        ("amount", "1e3"),
        ("amount", "1,000.00"),
        ("amount", "ten"),
        ("amount", "٣"),
        ("amount", True),
        ("amount", {"rupees": 1}),
        ("currency", "USD"),
        ("action", "pay"),
        ("customer_email", "asha"),
        ("customer_phone", "+919000000001"),
        ("first_name", "Asha <b>"),
        ("description", "x" * 256),
        ("udf1", "<script>"),
        ("udf6", "x" * 256),
        ("metadata.expiryInMins", "0"),
        ("metadata.expiryInMins", "soon"),
        ("metadata.expiryInMins", "9999999"),
        ("metadata.webhook_url", "ftp://pay.example.com/hook"),
        ("payment_filter", "UPI"),
        ("return_url", "http://pay.example.com/back"),
        ("return_url", "https://pay.example.com/back?course=1"),
        ("return_url", "https://pay.example.com/back#top"),
        ("return_url", "https://192.0.2.7/back"),
        ("return_url", "https://payhost/back"),
        ("return_url", "https://asha:secret@pay.example.com/back"),
        ("return_url", "https://pay.example.com:port/back"),
        ("return_url", "https://evil.localhost;x.localhost/back"),
        ("return_url", "javascript:alert(1)"),
        ("return_url", "/back"),
        ("return_url", "https://pay.example.com/ba ck"),
    ],
)
async def test_a_bad_field_is_named(merchant: Merchant, field: str, value: object) -> None:
    """
    Each refusal is the documented 400 that says which field is wrong, and creates nothing.
    """
    answer = await merchant.ask_session(**{field: value})

    body = answer.json()
    assert answer.status_code == 400
    assert complaints(body) == {field}
    assert (body["error_code"], body["status_id"]) == ("INVALID_REQUEST", -1)
    assert body["error_info"]["code"] == "INVALID_INPUT"
    assert (await merchant.ask_status()).status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "https://pay.example.com/hdfc/return",
        "https://pay.example.com:8443/return",
        "http://127.0.0.1:8000/return",
        "http://localhost:8000/return",
        "http://[::1]:8000/return",
        "https://localhost/return",
        "http://shop.localhost:8000/return",
    ],
)
async def test_the_payer_may_return_to_a_host_name_or_to_loopback(
    merchant: Merchant, url: str
) -> None:
    """
    HTTPS with a full name; plain http for loopback, where the simulator's merchants live.
    """
    assert (await merchant.ask_session(return_url=url)).status_code == 200


@pytest.mark.parametrize(
    "field", ["order_id", "amount", "customer_id", "payment_page_client_id", "action"]
)
async def test_a_missing_field_is_named(merchant: Merchant, field: str) -> None:
    answer = await merchant.ask_session(**{field: None})

    body = answer.json()
    assert answer.status_code == 400
    assert body["status"] == "Bad Request"
    assert body["error_code"] == "Mandatory fields are missing"
    assert body["error_info"]["fields"] == [{"field_name": field, "reason": "missing"}]


async def test_a_guest_has_an_empty_customer_id(merchant: Merchant) -> None:
    assert (await merchant.ask_session(customer_id="")).status_code == 200


async def test_all_wrong_fields_are_named_at_once(merchant: Merchant) -> None:
    answer = await merchant.ask_session(
        order_id="TOO-LONG-AND-DASHED-1", amount="1.234", action="x"
    )

    assert complaints(answer.json()) == {"order_id", "amount", "action"}


async def test_an_unknown_client_id_has_a_code_of_its_own(merchant: Merchant) -> None:
    answer = await merchant.ask_session(payment_page_client_id="someone")

    assert answer.status_code == 400
    assert answer.json()["error_code"] == "PAYMENT_PAGE_CLIENT_ID_NOT_FOUND"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"null", b'"x"', b"\xff", b'{"order_id": \xff}', b'{"a":' * 9000]
)
async def test_what_is_not_a_json_object_is_refused(merchant: Merchant, body: bytes) -> None:
    headers = merchant.headers | {"Content-Type": "application/json"}

    answer = await merchant.http.post("/session", content=body, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["error_code"] == "INVALID_REQUEST"


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
async def test_only_json_is_taken(merchant: Merchant, content_type: str) -> None:
    """
    A form sent to this path is 415, as merchants report.
    """
    headers = merchant.headers | {"Content-Type": content_type}

    answer = await merchant.http.post("/session", content=b"order_id=1", headers=headers)

    assert answer.status_code == 415


async def test_an_oversized_body_is_refused(merchant: Merchant) -> None:
    answer = await merchant.ask_session(description="x" * 70_000)

    assert answer.status_code == 413


@pytest.mark.parametrize("credentials", ["sim_key", "sim_key:"])
@pytest.mark.parametrize("header", ["x-merchantid", "X-MerchantId", "x-merchant-id"])
async def test_the_key_opens_with_and_without_colon(
    merchant: Merchant, credentials: str, header: str
) -> None:
    """
    Both forms stand in official material, and the merchant's header has two spellings.
    """
    await merchant.create_session()

    answer = await merchant.http.get(
        "/orders/ORDER1", headers={"Authorization": basic(credentials), header: "SIMMERCHANT"}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("authorisation", "merchant_id"),
    [
        (None, "SIMMERCHANT"),
        (basic("wrong"), "SIMMERCHANT"),
        (basic("sim_key:password"), "SIMMERCHANT"),
        (basic(":sim_key"), "SIMMERCHANT"),
        ("Basic ***", "SIMMERCHANT"),
        ("Basic c2ltX2tl", "SIMMERCHANT"),
        ("Bearer sim_key", "SIMMERCHANT"),
        ("Basic", "SIMMERCHANT"),
        (basic("sim_key:"), "SOMEONE"),
        (basic("sim_key:"), None),
    ],
)
@pytest.mark.parametrize("call", ["session", "status"])
async def test_other_credentials_are_refused(
    merchant: Merchant, call: str, authorisation: str | None, merchant_id: str | None
) -> None:
    """
    The documented 401, and an id to quote on every response.
    """
    given = {"Authorization": authorisation, "x-merchantid": merchant_id}
    headers = {name: value for name, value in given.items() if value is not None}

    answer = (
        await merchant.http.post("/session", json={}, headers=headers)
        if call == "session"
        else await merchant.http.get("/orders/ORDER1", headers=headers)
    )

    assert answer.status_code == 401
    assert answer.json()["error_code"] == "access_denied"
    assert answer.json()["error_info"]["code"] == "UNAUTHORIZED"
    assert answer.headers["x-response-id"]


async def test_a_refusal_never_repeats_the_key(merchant: Merchant) -> None:
    answer = await merchant.http.post("/session", headers={"Authorization": basic("hunter2")})

    assert "hunter2" not in answer.text
    assert "sim_key" not in answer.text


async def test_a_second_call_finds_the_same_order_with_a_fresh_token(
    merchant: Merchant, clock: HandClock
) -> None:
    """
    After a time-out the merchant may ask again; the link does not live longer for it.
    """
    first = await merchant.create_session()
    clock.forward(minutes=5)
    again = await merchant.create_session()

    tokens = {one["sdk_payload"]["payload"]["clientAuthToken"] for one in (first, again)}
    assert (first["id"], first["order_expiry"]) == (again["id"], again["order_expiry"])
    assert len(tokens) == 2
    assert (await merchant.known())["session_calls"] == 2


async def test_equal_amounts_may_be_spelt_differently(merchant: Merchant) -> None:
    first = await merchant.create_session(amount="100.50")

    assert (await merchant.create_session(amount=100.5))["id"] == first["id"]


async def test_order_ids_are_told_apart_without_case(merchant: Merchant) -> None:
    first = await merchant.create_session("order1")

    assert (await merchant.create_session("ORDER1"))["id"] == first["id"]


async def test_another_amount_under_a_known_id_is_refused(merchant: Merchant) -> None:
    await merchant.create_session()

    answer = await merchant.ask_session(amount="1.00")

    assert answer.status_code == 400
    assert complaints(answer.json()) == {"amount"}


async def test_a_paid_order_gets_no_new_session(merchant: Merchant) -> None:
    await merchant.create_session()
    await merchant.pay()

    answer = await merchant.ask_session()

    assert answer.status_code == 400
    assert answer.json()["error_info"]["code"] == "ALREADY_EXISTS"


async def test_a_query_on_the_return_address_can_be_allowed(
    config: SimulatorConfig, start: StartMerchant
) -> None:
    """
    Some merchants have one in production; the switch lets their shape be tried.
    """
    async with start(replace(config, return_query_allowed=True)) as merchant:
        answer = await merchant.ask_session(return_url="https://pay.example.com/back?a=1")

    assert answer.status_code == 200
