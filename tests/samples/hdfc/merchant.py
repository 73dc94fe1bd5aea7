"""A made-up merchant and one of its orders, as tests of the SmartGateway adapter need them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from adapters.hdfc.auth.request_auth import ApiKeyAuth
from adapters.hdfc.settings import HdfcSettings
from domain.identifiers import StudentId
from domain.money import Money
from domain.payments.payment import Student
from ports.payments.payment_gateway import NewOrder
from samples.hdfc.samples import ORDER

API_KEY: Final = "made-up-api-key"
RESPONSE_KEY: Final = "made-up-response-key"
STUDENT: Final = StudentId("student-1")

NEW_ORDER: Final = NewOrder(
    payment=ORDER,
    student=Student(id=STUDENT, name="Asha Devi", email="asha@example.com", phone="9000000001"),
    amount=Money(235_950),
    description="Vedic Mathematics I",
    lifetime=timedelta(minutes=15),
)

_MERCHANT: Final = HdfcSettings(
    base_url="https://gateway.example.com",
    merchant_id="SIMMERCHANT",
    auth=ApiKeyAuth(key=API_KEY),
    payment_page_client_id="hdfcmaster",
    return_url="https://pay.example.com/api/payment/callback",
    response_key=RESPONSE_KEY,
)


def merchant(**changes: Any) -> HdfcSettings:
    return replace(_MERCHANT, **changes)
