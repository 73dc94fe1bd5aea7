"""The gateway in JWT mode: the same promises as with an API key, and no trust without a signature."""

import hmac
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import httpx
import pytest
from cryptography.hazmat.primitives import hashes

from adapters.hdfc.auth.jose import JweKeys
from adapters.hdfc.auth.jwt_auth import JwtAuth
from adapters.hdfc.auth.request_auth import GatewayCall
from adapters.hdfc.outbound.gateway import HdfcGateway
from domain.identifiers import RefundId
from domain.payments.order_facts import Verdict
from ports.payments.payment_gateway import (
    GatewayBusy,
    GatewayDenied,
    GatewayDown,
    GatewayFailure,
    GatewayOperation,
    GatewayOutcomeUnknown,
    GatewayRefused,
    RefundOrder,
)
from samples.hdfc.jwe import KEY_ID, JweRecipe, b64, pair, public_pem, read_jwe
from samples.hdfc.merchant import NEW_ORDER, STUDENT, merchant
from samples.hdfc.samples import ORDER, raw_sample, sample

AUTH = JwtAuth(
    JweKeys(key_id=KEY_ID, private_key=pair("merchant"), bank_key=pair("bank").public_key())
)


class Wire(httpx.AsyncByteStream):
    """A body that arrives from outside, as a network's does."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.body


class Bank:
    """Answers every call alike, signed and encrypted unless told otherwise, and remembers the calls."""

    def __init__(self, body: bytes, *, status: int = 200, recipe: JweRecipe | None = None) -> None:
        self.body, self.status = body, status
        self.recipe = recipe
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        content = self.body
        if self.recipe:
            jwe = self.recipe.sign_and_encrypt(content, pair("bank"), pair("merchant").public_key())
            content = json.dumps(jwe).encode()
        headers = {"content-type": "application/json", "x-response-id": "r-1"}
        return httpx.Response(self.status, headers=headers, stream=Wire(content))

    def gateway(self) -> HdfcGateway:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return HdfcGateway(merchant(auth=AUTH), client)

    def read(self) -> Any:
        (request,) = self.asked
        return json.loads(
            read_jwe(json.loads(request.content), pair("bank"), pair("merchant").public_key())[0]
        )


async def test_a_session_is_asked_for_under_seal() -> None:
    """
    ``/v4/session``, the same fields inside, the merchant's name outside, and no API key anywhere.
    """
    bank = Bank(raw_sample("session"), recipe=JweRecipe())
    created = await bank.gateway().create_session(NEW_ORDER)

    (request,) = bank.asked
    assert (request.method, request.url.path) == ("POST", "/v4/session")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-merchantid"] == "SIMMERCHANT"
    assert request.headers["version"] == "2023-06-30"
    assert "authorization" not in request.headers
    assert (bank.read()["order_id"], bank.read()["amount"]) == (ORDER, "2359.50")
    assert "asha@example.com" not in request.content.decode()
    assert created.id == "ordeh_0a1b2c3d4e5f60718293a4b5c6d7e8f9"


async def test_a_status_is_asked_for_under_seal() -> None:
    """
    ``POST /v4/order-status``; exact amounts survive both layers.
    """
    bank = Bank(raw_sample("order_charged_upi"), recipe=JweRecipe())
    facts = await bank.gateway().read_order(ORDER, STUDENT)

    assert bank.asked[0].url.path == "/v4/order-status"
    assert bank.read() == {"order_id": ORDER}
    assert facts.verdict is Verdict.CHARGED
    assert facts.amount == NEW_ORDER.amount


def test_a_refund_is_requested_by_json() -> None:
    """
    ``/v4/orders/{order_id}/refunds``, as JSON: there is no form in this mode.
    """
    request = AUTH.prepare(
        GatewayCall(
            operation=GatewayOperation.REFUND, order=ORDER, fields={"unique_request_id": "RF1"}
        )
    )
    payload, _, _ = read_jwe(
        json.loads(request.content or b""), pair("bank"), pair("merchant").public_key()
    )

    assert (request.method, request.path) == ("POST", f"/v4/orders/{ORDER}/refunds")
    assert json.loads(payload) == {"unique_request_id": "RF1"}


REFUND: Final = RefundOrder(
    payment=ORDER,
    student=STUDENT,
    refund=RefundId("RF7QXM2RT5WB4NH6YJKD"),
    amount=NEW_ORDER.amount,
)
REFUNDED: Final = {
    "unique_request_id": REFUND.refund,
    "amount": 2359.5,
    "status": "SUCCESS",
    "initiated_by": "API",
}
CallOf = Callable[[HdfcGateway], Awaitable[object]]
CALLS: Final[dict[str, tuple[CallOf, bytes, type[GatewayFailure]]]] = {
    # No page was handed out, so nobody can pay: the payment may end, and another be begun.
    "session": (lambda bank: bank.create_session(NEW_ORDER), raw_sample("session"), GatewayDown),
    "status": (
        lambda bank: bank.read_order(ORDER, STUDENT),
        raw_sample("order_charged_upi"),
        GatewayDown,
    ),
    # Money may be on its way: only a read can tell.
    "refund": (
        lambda bank: bank.refund(REFUND),
        json.dumps(sample("order_charged_upi", refunds=[REFUNDED])).encode(),
        GatewayOutcomeUnknown,
    ),
}


def made(
    recipe: JweRecipe, signer: str = "bank", reader: str = "merchant", **parts: str
) -> Callable[[bytes], bytes]:
    """Return how *signer* would sign and encrypt a body for *reader*, with *parts* of the jwe in their place."""

    def close(body: bytes) -> bytes:
        jwe = recipe.sign_and_encrypt(body, pair(signer), pair(reader).public_key())
        return json.dumps({**jwe, **parts}).encode()

    return close


def signed_by_a_public_key(body: bytes) -> bytes:
    """Take the bank's public key, which everybody may have, for the password of an HMAC."""
    head = b64({"alg": "HS256", "kid": KEY_ID})
    proof = hmac.digest(public_pem(pair("bank")), f"{head}.{b64(body)}".encode(), "sha256")
    return made(JweRecipe(inner_alg="HS256", signature=proof))(body)


def shortened(part: str) -> Callable[[bytes], bytes]:
    def cut(body: bytes) -> bytes:
        jwe = json.loads(made(JweRecipe())(body))
        return json.dumps({**jwe, part: jwe[part][:-8]}).encode()

    return cut


HOSTILE: Final[dict[str, Callable[[bytes], bytes]]] = {
    "in the clear": lambda body: body,
    "under another key id": made(JweRecipe(kid="key_ffffffffffffffffffffffffffffffff")),
    "signed under another key id": made(
        JweRecipe(inner_kid="key_ffffffffffffffffffffffffffffffff")
    ),
    "signed by nobody": made(JweRecipe(inner_alg="none", signature=b"")),
    "signed by a stranger": made(JweRecipe(), signer="stranger"),
    "signed by ourselves": made(JweRecipe(), signer="merchant"),
    "signed by the bank's public key": signed_by_a_public_key,
    "signed otherwise than it says": made(JweRecipe(inner_alg="PS256")),
    "a wrong signature": made(JweRecipe(signature=bytes(256))),
    "encrypted for somebody else": made(JweRecipe(), reader="stranger"),
    "encrypted in the old way": made(JweRecipe(alg="RSA-OAEP", oaep=hashes.SHA1)),
    "encrypted by a shorter key": made(JweRecipe(enc="A128GCM", content_key_bytes=16)),
    "a shortened text": shortened("encryptedPayload"),
    "a shortened key": shortened("encryptedKey"),
    "a shortened tag": shortened("tag"),
    "no tag": made(JweRecipe(), tag=""),
}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("call", CALLS)
async def test_a_success_without_the_banks_signature_is_neither_success_nor_failure(
    call: str, hostile: str, caplog: pytest.LogCaptureFixture
) -> None:
    """
    It says that there is a page, a charge, money given back; the outcome is unknown, and the log calls a person.
    """
    ask, body, expected = CALLS[call]

    with caplog.at_level(logging.CRITICAL), pytest.raises(GatewayFailure) as gateway_failure:
        await ask(Bank(HOSTILE[hostile](body)).gateway())

    assert type(gateway_failure.value) is expected
    (said,) = caplog.records
    assert said.message == "gateway.answer_not_trusted"
    assert said.__dict__["needs_attention"] is True
    assert said.__dict__["response_id"] == "r-1"


@pytest.mark.parametrize("call", CALLS)
async def test_half_a_jwe_proves_nothing(call: str) -> None:
    """
    Cut off on its way: neither a success nor a failure.
    """
    ask, body, expected = CALLS[call]
    whole = made(JweRecipe())(body)

    with pytest.raises(GatewayFailure) as gateway_failure:
        await ask(Bank(whole[: len(whole) // 2]).gateway())

    assert type(gateway_failure.value) is expected


@pytest.mark.parametrize("call", CALLS)
async def test_the_same_body_signed_by_the_bank_is_believed(call: str) -> None:
    """
    Or the refusals above would prove nothing.
    """
    ask, body, _ = CALLS[call]

    assert await ask(Bank(made(JweRecipe())(body)).gateway())


@pytest.mark.parametrize(
    ("name", "status", "gateway_failure"),
    [
        ("error_denied", 401, GatewayDenied),
        ("error_invalid", 400, GatewayRefused),
        ("error_invalid", 429, GatewayBusy),
        ("error_invalid", 500, GatewayOutcomeUnknown),
    ],
)
async def test_a_refund_is_refused_in_the_clear(
    name: str, status: int, gateway_failure: type[GatewayFailure]
) -> None:
    """
    That alone proves nothing: whoever asked reads the signed status of the order before it counts as failed.
    """
    with pytest.raises(GatewayFailure) as refused:
        await Bank(raw_sample(name), status=status).gateway().refund(REFUND)

    assert type(refused.value) is gateway_failure


async def test_a_seal_around_no_object_is_no_answer() -> None:
    for body in (b"[]", b"x", b'{"a":1,"a":2}'):
        with pytest.raises(GatewayDown):
            await Bank(body, recipe=JweRecipe()).gateway().read_order(ORDER, STUDENT)


async def test_another_orders_sealed_status_says_nothing_about_ours() -> None:
    """
    The signature proves who sent it, not which order it is about.
    """
    body = json.dumps(sample("order_charged_upi", order_id="SKAAAAAAAAAAAAAAAAAA")).encode()

    with pytest.raises(GatewayDown):
        await Bank(body, recipe=JweRecipe()).gateway().read_order(ORDER, STUDENT)


@pytest.mark.parametrize(
    ("name", "status", "gateway_failure"),
    [
        ("error_denied", 401, GatewayDenied),
        ("error_origin", 403, GatewayDenied),
        ("error_invalid", 400, GatewayRefused),
        ("error_invalid", 429, GatewayBusy),
        ("error_invalid", 500, GatewayDown),
    ],
)
async def test_errors_come_in_the_clear(
    name: str, status: int, gateway_failure: type[Exception]
) -> None:
    """
    A refusal is read as it is: it opens nothing.
    """
    with pytest.raises(gateway_failure):
        await Bank(raw_sample(name), status=status).gateway().create_session(NEW_ORDER)


async def test_an_unknown_order_is_told_in_the_clear() -> None:
    facts = (
        await Bank(raw_sample("error_not_found"), status=404).gateway().read_order(ORDER, STUDENT)
    )

    assert facts.verdict is Verdict.UNKNOWN_ORDER
