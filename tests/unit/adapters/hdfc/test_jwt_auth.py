"""The gateway in JWT mode: the same promises as with an API key, and no trust without a seal."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from adapters.hdfc.authentication import Operation, Question
from adapters.hdfc.gateway import HdfcGateway
from adapters.hdfc.jose import SealingKeys
from adapters.hdfc.jwt_auth import JwtAuth
from domain.order_facts import Verdict
from ports.payment_gateway import GatewayBusy, GatewayDenied, GatewayDown, GatewayRefused
from samples.hdfc.merchant import NEW_ORDER, STUDENT, merchant
from samples.hdfc.samples import ORDER, raw_sample, sample
from samples.hdfc.seals import KEY_ID, Seal, pair, read_envelope

AUTH = JwtAuth(
    SealingKeys(key_id=KEY_ID, private_key=pair("merchant"), bank_key=pair("bank").public_key())
)


class Wire(httpx.AsyncByteStream):
    """A body that arrives from outside, as a network's does."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.body


class Bank:
    """Answers every question alike, sealed unless told otherwise, and remembers what it was asked."""

    def __init__(
        self, body: bytes, *, status: int = 200, seal: Seal | None = None, signer: str = "bank"
    ) -> None:
        self.body, self.status = body, status
        self.seal = seal
        self.signer = signer
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        content = self.body
        if self.seal:
            envelope = self.seal.close(content, pair(self.signer), pair("merchant").public_key())
            content = json.dumps(envelope).encode()
        headers = {"content-type": "application/json", "x-response-id": "r-1"}
        return httpx.Response(self.status, headers=headers, stream=Wire(content))

    def gateway(self) -> HdfcGateway:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return HdfcGateway(merchant(auth=AUTH), client)

    def read(self) -> Any:
        (request,) = self.asked
        return json.loads(
            read_envelope(json.loads(request.content), pair("bank"), pair("merchant").public_key())[
                0
            ]
        )


async def test_a_session_is_asked_for_under_seal() -> None:
    """
    ``/v4/session``, the same fields inside, the merchant's name outside, and no API key anywhere.
    """
    bank = Bank(raw_sample("session"), seal=Seal())
    opened = await bank.gateway().create_session(NEW_ORDER)

    (request,) = bank.asked
    assert (request.method, request.url.path) == ("POST", "/v4/session")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-merchantid"] == "SIMMERCHANT"
    assert request.headers["version"] == "2023-06-30"
    assert "authorization" not in request.headers
    assert (bank.read()["order_id"], bank.read()["amount"]) == (ORDER, "2359.50")
    assert "asha@example.com" not in request.content.decode()
    assert opened.id == "ordeh_0a1b2c3d4e5f60718293a4b5c6d7e8f9"


async def test_a_status_is_asked_for_under_seal() -> None:
    """
    ``POST /v4/order-status``; exact amounts survive both layers.
    """
    bank = Bank(raw_sample("order_charged_upi"), seal=Seal())
    facts = await bank.gateway().read_order(ORDER, STUDENT)

    assert bank.asked[0].url.path == "/v4/order-status"
    assert bank.read() == {"order_id": ORDER}
    assert facts.verdict is Verdict.CHARGED
    assert facts.amount == NEW_ORDER.amount


def test_a_refund_is_asked_for_under_seal() -> None:
    """
    ``/v4/orders/{order_id}/refunds``, as JSON: there is no form in this mode.
    """
    letter = AUTH.write(
        Question(operation=Operation.REFUND, order=ORDER, fields={"unique_request_id": "RF1"})
    )
    payload, _, _ = read_envelope(
        json.loads(letter.content or b""), pair("bank"), pair("merchant").public_key()
    )

    assert (letter.method, letter.path) == ("POST", f"/v4/orders/{ORDER}/refunds")
    assert json.loads(payload) == {"unique_request_id": "RF1"}


HOSTILE = {
    "plain": None,
    "another key id": Seal(kid="key_ffffffffffffffffffffffffffffffff"),
    "no signature": Seal(inner_alg="none", signature=b""),
    "wrong signature": Seal(signature=bytes(256)),
    "another encryption": Seal(enc="A128GCM", content_key_bytes=16),
}


@pytest.mark.parametrize("seal", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_success_without_the_banks_seal_is_never_believed(
    seal: Seal | None, caplog: pytest.LogCaptureFixture
) -> None:
    """
    It says that the order is charged; for us the bank said nothing, and somebody is woken.
    """
    with caplog.at_level(logging.CRITICAL), pytest.raises(GatewayDown):
        await Bank(raw_sample("order_charged_upi"), seal=seal).gateway().read_order(ORDER, STUDENT)

    (said,) = caplog.records
    assert said.message == "gateway answer not trusted"
    assert said.__dict__["needs_attention"] is True
    assert said.__dict__["response_id"] == "r-1"


async def test_a_strangers_signature_is_never_believed() -> None:
    bank = Bank(raw_sample("order_charged_upi"), seal=Seal(), signer="stranger")

    with pytest.raises(GatewayDown):
        await bank.gateway().read_order(ORDER, STUDENT)


async def test_a_plain_session_sends_nobody_away() -> None:
    with pytest.raises(GatewayDown):
        await Bank(raw_sample("session")).gateway().create_session(NEW_ORDER)


async def test_a_seal_around_no_object_is_no_answer() -> None:
    for body in (b"[]", b"x", b'{"a":1,"a":2}'):
        with pytest.raises(GatewayDown):
            await Bank(body, seal=Seal()).gateway().read_order(ORDER, STUDENT)


async def test_another_orders_sealed_status_says_nothing_about_ours() -> None:
    """
    The seal proves who speaks, not about what.
    """
    body = json.dumps(sample("order_charged_upi", order_id="SKAAAAAAAAAAAAAAAAAA")).encode()

    with pytest.raises(GatewayDown):
        await Bank(body, seal=Seal()).gateway().read_order(ORDER, STUDENT)


@pytest.mark.parametrize(
    ("name", "status", "trouble"),
    [
        ("error_denied", 401, GatewayDenied),
        ("error_origin", 403, GatewayDenied),
        ("error_invalid", 400, GatewayRefused),
        ("error_invalid", 429, GatewayBusy),
        ("error_invalid", 500, GatewayDown),
    ],
)
async def test_errors_come_in_the_clear(name: str, status: int, trouble: type[Exception]) -> None:
    """
    A refusal is read as it is: it opens nothing.
    """
    with pytest.raises(trouble):
        await Bank(raw_sample(name), status=status).gateway().create_session(NEW_ORDER)


async def test_an_unknown_order_is_told_in_the_clear() -> None:
    facts = (
        await Bank(raw_sample("error_not_found"), status=404).gateway().read_order(ORDER, STUDENT)
    )

    assert facts.verdict is Verdict.UNKNOWN_ORDER
