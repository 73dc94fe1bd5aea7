"""What an order-status read says before, during and after a payment."""

import re
from decimal import Decimal

import msgspec
import pytest

from simulator.in_process import HandClock
from simulator.merchant import Merchant

ATTEMPT_KEYS = {"txn_id", "txn_uuid", "payment_method_type", "payment_method", "txn_detail"}


async def test_an_untouched_order_has_no_payment_fields(merchant: Merchant) -> None:
    """
    As SmartGateway documents it: everything about the order, nothing about a payment.
    """
    session = await merchant.create_session(
        "ORD20260731A1B2C3D4",
        customer_email="asha@example.com",
        customer_phone="9000000001",
        udf1="inv42",
    )

    pages = "https://gateway.example.com/merchant"
    assert await merchant.status("ORD20260731A1B2C3D4") == {
        "customer_email": "asha@example.com",
        "customer_phone": "9000000001",
        "customer_id": "cust0001",
        "status_id": 10,
        "status": "NEW",
        "id": session["id"],
        "merchant_id": "SIMMERCHANT",
        "amount": 1499.5,
        "currency": "INR",
        "order_id": "ORD20260731A1B2C3D4",
        "date_created": "2026-07-31T10:15:00Z",
        "return_url": "https://pay.example.com/hdfc/return",
        "product_id": "",
        "payment_links": {
            "iframe": f"{pages}/ipay/{session['id']}",
            "web": f"{pages}/pay/{session['id']}",
            "mobile": f"{pages}/pay/{session['id']}?mobile=true",
        },
        "udf1": "inv42",
        **{f"udf{n}": "" for n in range(2, 11)},
        "refunded": False,
        "amount_refunded": 0,
        "effective_amount": 1499.5,
        "offers": [],
    }


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("1499.50", "1499.5"),
        ("100.15", "100.15"),
        ("1.00", "1"),
        ("1", "1"),
        ("500000", "500000"),
        ("0000100.10", "100.1"),
        (70.10, "70.1"),
        ("99999999999.99", "99999999999.99"),
    ],
)
async def test_amounts_are_exact_numbers(merchant: Merchant, asked: object, written: str) -> None:
    """
    The digits on the wire, not what a float made of them.
    """
    await merchant.create_session(amount=asked)
    await merchant.pay()

    raw = (await merchant.ask_status()).content
    assert set(re.findall(rb'"(?:amount|txn_amount|net_amount)":([^,}]+)', raw)) == {
        written.encode()
    }


async def test_a_charged_upi_payment_reads_as_documented(merchant: Merchant) -> None:
    await merchant.create_session()
    await merchant.pay(method="UPI")

    status = await merchant.status()
    assert (status["status"], status["status_id"]) == ("CHARGED", 21)
    assert status["txn_id"] == "SIMMERCHANT-ORDER1-1"
    assert (status["payment_method_type"], status["payment_method"]) == ("UPI", "UPI")
    assert status["upi"] == {"payer_vpa": "success@upi", "txn_flow_type": "COLLECT"}
    assert status["payer_vpa"] == "success@upi"
    assert status["maximum_eligible_refund_amount"] == 1499.5
    assert (status["bank_error_code"], status["bank_error_message"]) == ("", "")
    assert status["order_expiry"] == "2026-07-31T10:30:00Z"
    assert "card" not in status
    assert "refunds" not in status
    answer = status["payment_gateway_response"]
    assert (answer["resp_code"], answer["resp_message"]) == ("00", "Success")
    assert re.fullmatch(r"\d{12}", answer["rrn"])


async def test_a_charged_card_shows_its_tail_and_no_more(merchant: Merchant) -> None:
    await merchant.create_session(first_name="Asha", last_name="Rao")
    await merchant.pay(method="CARD")

    status = await merchant.status()
    assert (status["payment_method_type"], status["payment_method"]) == ("CARD", "VISA")
    assert status["auth_type"] == "THREE_DS"
    assert status["card"]["last_four_digits"] == "1097"
    assert status["card"]["card_brand"] == "VISA"
    assert status["card"]["name_on_card"] == "Asha Rao"
    assert "upi" not in status
    assert "4012000000001097" not in str(status)


async def test_a_charged_net_banking_payment_names_the_bank(merchant: Merchant) -> None:
    await merchant.create_session()
    await merchant.pay(method="NB")

    status = await merchant.status()
    assert (status["payment_method_type"], status["payment_method"]) == ("NB", "NB_AXIS")
    assert not {"card", "upi"} & set(status)


async def test_a_refused_payment_says_why(merchant: Merchant) -> None:
    """
    The dummy gateway's failure: code 03, in both places.
    """
    await merchant.create_session()
    await merchant.pay(outcome="failure")

    status = await merchant.status()
    assert (status["status"], status["status_id"]) == ("AUTHORIZATION_FAILED", 27)
    assert (status["bank_error_code"], status["bank_error_message"]) == (
        "03",
        "Not sufficient funds",
    )
    assert status["txn_detail"]["error_code"] == "03"
    assert status["txn_detail"]["error_message"] == "Not sufficient funds"
    assert "maximum_eligible_refund_amount" not in status
    assert status["payment_gateway_response"]["rrn"] is None


async def test_a_pending_payment_is_pending(merchant: Merchant) -> None:
    await merchant.create_session()
    await merchant.pay(outcome="pending")

    status = await merchant.status()
    assert (status["status"], status["status_id"]) == ("PENDING_VBV", 23)
    assert set(status) >= ATTEMPT_KEYS
    assert status["payment_gateway_response"]["resp_code"] is None


async def test_a_success_after_a_failure_wins(merchant: Merchant) -> None:
    """
    Each retry raises the counter; the order reports the success.
    """
    await merchant.create_session()
    await merchant.pay(outcome="failure")
    await merchant.pay(outcome="success")

    status = await merchant.status()
    assert (status["status"], status["txn_id"]) == ("CHARGED", "SIMMERCHANT-ORDER1-2")


async def test_an_early_attempt_that_succeeds_late_wins_too(merchant: Merchant) -> None:
    """
    The bank approves the first attempt after the second was declined.
    """
    await merchant.create_session()
    await merchant.pay(outcome="pending")
    await merchant.pay(outcome="failure")
    await merchant.control("orders/ORDER1/settle", outcome="success")

    status = await merchant.status()
    assert (status["status"], status["txn_id"]) == ("CHARGED", "SIMMERCHANT-ORDER1-1")


async def test_an_expired_order_stays_new(merchant: Merchant, clock: HandClock) -> None:
    await merchant.create_session()
    clock.forward(hours=2)

    assert (await merchant.status())["status"] == "NEW"


async def test_an_empty_post_reads_the_same(merchant: Merchant) -> None:
    """
    Older kits post; both are counted as reads.
    """
    await merchant.create_session()

    by_post = await merchant.http.post("/orders/ORDER1", headers=merchant.headers)

    assert by_post.json() == await merchant.status()
    assert (await merchant.known())["status_reads"] == 2


async def test_a_post_with_fields_is_refused(merchant: Merchant) -> None:
    """
    It would change the order, which nobody here may.
    """
    await merchant.create_session()

    answer = await merchant.http.post(
        "/orders/ORDER1", data={"amount": "1.00"}, headers=merchant.headers
    )

    assert answer.status_code == 400
    assert (await merchant.status())["amount"] == 1499.5


@pytest.mark.parametrize("order_id", ["NOBODY", "%2e%2e", "ORDER1%00", "x" * 300])
async def test_an_unknown_order_is_the_documented_404(merchant: Merchant, order_id: str) -> None:
    answer = await merchant.ask_status(order_id)

    body = answer.json()
    assert answer.status_code == 404
    assert (body["status"], body["status_id"]) == ("NOT_FOUND", 40)
    assert body["error_code"] == "order_not_found"
    assert body["error_info"]["code"] == "RESOURCE_NOT_FOUND"


async def test_every_answer_carries_an_id_of_its_own(merchant: Merchant) -> None:
    """
    Successes, refusals and unknown paths alike.
    """
    await merchant.create_session()
    answers = [
        await merchant.ask_status(),
        await merchant.ask_status("NOBODY"),
        await merchant.http.get("/no/such/path"),
        await merchant.ask_session(amount="x"),
        await merchant.http.post("/orders/ORDER1/refunds", headers=merchant.headers),
    ]

    assert [answer.status_code for answer in answers] == [200, 404, 404, 400, 400]
    assert len({answer.headers["x-response-id"] for answer in answers}) == len(answers)


async def test_a_laid_over_field_is_answered_to_the_digit(merchant: Merchant) -> None:
    """
    A test can make the bank claim another amount, or an unknown status.
    """
    await merchant.create_session()
    await merchant.pay()

    await merchant.http.post(
        "/_control/orders/ORDER1/overlay", content=b'{"amount": 1.10, "status": "ODD"}'
    )

    raw = (await merchant.ask_status()).content
    assert b'"amount":1.10,' in raw
    assert msgspec.json.decode(raw, type=dict[str, object])["status"] == "ODD"
    await merchant.control("orders/ORDER1/overlay")
    assert Decimal(str((await merchant.status())["amount"])) == Decimal("1499.5")
