"""The answers of the order API, exactly as the bank's documentation shows them."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.orders.disputes import Dispute, dispute_entry
from entrypoints.simulator.orders.instruments import BRAND_ISINS, Card, NetBanking, Upi
from entrypoints.simulator.orders.order import CLOSED, STATUS_IDS, Attempt, Order, Status
from entrypoints.simulator.orders.refunds import refund_entry
from entrypoints.simulator.orders.session_request import UDF_COUNT
from entrypoints.simulator.rupees import as_number
from entrypoints.simulator.wire import JsonObject, instant

TOKEN_LIFETIME: Final = timedelta(minutes=15)
GATEWAY: Final = "DUMMY"
GATEWAY_ID: Final = 100

# What the bank says about an attempt that ended: code and message.
VERDICTS: Final = {
    Status.CHARGED: ("00", "Success"),
    Status.AUTO_REFUNDED: ("00", "Success"),
    Status.AUTHORIZATION_FAILED: ("03", "Not sufficient funds"),
    Status.AUTHENTICATION_FAILED: ("AF", "Authentication failed"),
}

SDK_TEXTS: Final = {
    "customer_phone": "customerPhone",
    "customer_email": "customerEmail",
    "description": "description",
    "first_name": "firstName",
    "last_name": "lastName",
    **{f"udf{n}": f"udf{n}" for n in range(1, UDF_COUNT + 1)},
}


def payment_link(order: Order, config: SimulatorConfig) -> str:
    return f"{config.public_url}/orders/{order.id}/payment-page"


def session_body(order: Order, config: SimulatorConfig, now: datetime) -> JsonObject:
    """Return the answer to ``POST /session``; every call gets a new token."""
    request = order.request
    expiry = instant(order.expires_at)
    payload: JsonObject = {
        "clientId": request.client_id,
        "amount": request.amount_as_sent,
        "merchantId": config.merchant_id,
        "clientAuthToken": f"tkn_{secrets.token_hex(16)}",
        "clientAuthTokenExpiry": instant(now + TOKEN_LIFETIME),
        "environment": "sandbox",
        "action": request.action,
        "customerId": request.text("customer_id"),
        "returnUrl": request.return_url,
        "currency": "INR",
        "orderId": request.order_id,
    }
    payload.update(
        {theirs: request.text(ours) for ours, theirs in SDK_TEXTS.items() if request.text(ours)}
    )
    return {
        "status": order.status,
        "id": order.id,
        "order_id": request.order_id,
        "payment_links": {"web": payment_link(order, config), "expiry": expiry},
        "sdk_payload": {
            "requestId": secrets.token_hex(16),
            "service": "in.juspay.hyperpay",
            "payload": payload,
            "expiry": expiry,
        },
        "order_expiry": expiry,
    }


def order_body(order: Order, config: SimulatorConfig) -> JsonObject:
    """Return the order-status answer; it has no fields about payments before the first attempt."""
    request = order.request
    amount = as_number(request.amount)
    attempt = order.decisive
    pages = f"{config.public_url}/merchant"
    body: JsonObject = {
        "customer_email": request.text("customer_email"),
        "customer_phone": request.text("customer_phone"),
        "customer_id": request.text("customer_id"),
        "status_id": STATUS_IDS[order.status],
        "status": order.status,
        "id": order.id,
        "merchant_id": config.merchant_id,
        "amount": amount,
        "currency": "INR",
        "order_id": request.order_id,
        "date_created": instant(order.created_at),
        "return_url": request.return_url,
        "product_id": request.text("product_id"),
        "payment_links": {
            "iframe": f"{pages}/ipay/{order.id}",
            "web": f"{pages}/pay/{order.id}",
            "mobile": f"{pages}/pay/{order.id}?mobile=true",
        },
        **{f"udf{n}": request.text(f"udf{n}") for n in range(1, UDF_COUNT + 1)},
        "refunded": bool(order.refunds) and order.refundable == 0,
        "amount_refunded": as_number(order.amount_refunded),
        "effective_amount": amount,
        "offers": [],
    }
    if attempt is not None:
        body.update(_attempt_fields(order, attempt))
    return body | order.overlay


def transaction_body(order: Order, attempt: Attempt, config: SimulatorConfig) -> JsonObject:
    """Return ``content.txn`` of a transaction event: the attempt, without the order's amount."""
    return {
        **_txn_detail(order, attempt),
        "merchant_id": config.merchant_id,
        "status_id": STATUS_IDS[attempt.status],
        "customer_id": order.request.text("customer_id"),
        "customer_email": order.request.text("customer_email"),
        "customer_phone": order.request.text("customer_phone"),
        **_instrument_fields(order, attempt),
        "payment_gateway_response": _gateway_response(attempt),
    }


def dispute_body(order: Order, dispute: Dispute) -> JsonObject:
    """Return ``content.chargeback`` of a dispute's event: its entry, and which order it is about."""
    attempt = order.decisive
    return {
        **dispute_entry(dispute),
        "order_id": order.request.order_id,
        "txn_id": attempt.txn_id if attempt else None,
    }


def _attempt_fields(order: Order, attempt: Attempt) -> JsonObject:
    failed = attempt.status not in {*CLOSED, Status.PENDING_VBV}
    code, message = VERDICTS[attempt.status] if failed else ("", "")
    fields: JsonObject = {
        "last_updated": instant(_last_change(order, attempt)),
        "txn_id": attempt.txn_id,
        "txn_uuid": attempt.txn_uuid,
        **_instrument_fields(order, attempt),
        "resp_code": None,
        "resp_message": None,
        "bank_error_code": code,
        "bank_error_message": message,
        "txn_detail": _txn_detail(order, attempt),
        "payment_gateway_response": _gateway_response(attempt),
        "gateway_id": GATEWAY_ID,
        "gateway_reference_id": None,
        "metadata": {},
        "additional_info": {},
        "order_expiry": instant(order.expires_at),
    }
    if attempt.status is Status.CHARGED:
        fields["maximum_eligible_refund_amount"] = as_number(order.refundable)
    if order.refunds:
        fields["refunds"] = [refund_entry(refund, GATEWAY) for refund in order.refunds]
    if order.disputes:
        fields["chargebacks"] = [dispute_entry(dispute) for dispute in order.disputes]
    return fields


def _last_change(order: Order, attempt: Attempt) -> datetime:
    refunded = (refund.ended_at or refund.created_at for refund in order.refunds)
    return max(attempt.ended_at or attempt.started_at, *refunded, attempt.started_at)


def _instrument_fields(order: Order, attempt: Attempt) -> JsonObject:
    match attempt.instrument:
        case Upi(vpa):
            return {
                "payment_method_type": "UPI",
                "payment_method": "UPI",
                "auth_type": "",
                "upi": {"payer_vpa": vpa, "txn_flow_type": "COLLECT"},
                "payer_vpa": vpa,
            }
        case NetBanking(code):
            return {"payment_method_type": "NB", "payment_method": code, "auth_type": ""}
        case Card() as card:
            return {
                "payment_method_type": "CARD",
                "payment_method": card.brand,
                "auth_type": "THREE_DS",
                "card": _card(order, card),
            }


def _card(order: Order, card: Card) -> JsonObject:
    names = (order.request.text("first_name"), order.request.text("last_name"))
    return {
        "expiry_year": "2030",
        "expiry_month": "12",
        "card_reference": "",
        "saved_to_locker": False,
        "name_on_card": " ".join(filter(None, names)),
        "card_issuer": card.issuer,
        "last_four_digits": card.last_four,
        "using_saved_card": False,
        "card_fingerprint": "",
        "card_isin": BRAND_ISINS[card.brand],
        "card_type": "CREDIT",
        "card_brand": card.brand,
        "using_token": False,
        "card_issuer_country": "INDIA",
        "extended_card_type": "CREDIT",
    }


FLOWS: Final = {"UPI": "UPI_COLLECT", "CARD": "CARD_TRANSACTION", "NB": "NET_BANKING"}


def _txn_detail(order: Order, attempt: Attempt) -> JsonObject:
    amount = as_number(order.request.amount)
    failed = attempt.status not in {*CLOSED, Status.PENDING_VBV}
    code, message = VERDICTS[attempt.status] if failed else (None, "")
    return {
        "txn_id": attempt.txn_id,
        "order_id": order.request.order_id,
        "status": attempt.status,
        "error_code": code,
        "error_message": message,
        "net_amount": amount,
        "txn_amount": amount,
        "surcharge_amount": None,
        "tax_amount": None,
        "offer_deduction_amount": None,
        "gateway_id": GATEWAY_ID,
        "gateway": GATEWAY,
        "currency": "INR",
        "express_checkout": False,
        "redirect": True,
        "txn_uuid": attempt.txn_uuid,
        "txn_flow_type": FLOWS[attempt.instrument.method],
        "source_object": "PAYMENT_PAGE",
        "txn_amount_breakup": [{"name": "BASE", "amount": amount, "sno": 1, "method": "ADD"}],
        "metadata": {"microapp": "hyperpay", "payment_channel": "WEB"},
        "created": instant(attempt.started_at),
    }


def _gateway_response(attempt: Attempt) -> JsonObject:
    code, message = VERDICTS.get(attempt.status, (None, None))
    charged = attempt.status in CLOSED
    return {
        "txn_id": attempt.txn_id,
        "resp_code": code,
        "resp_message": message,
        "rrn": attempt.rrn if charged else None,
        "epg_txn_id": attempt.epg_txn_id if charged else None,
        "auth_id_code": attempt.auth_id_code if charged else None,
        "created": instant(attempt.ended_at or attempt.started_at),
    }
