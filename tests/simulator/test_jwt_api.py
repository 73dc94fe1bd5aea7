"""JWT mode at the simulator: the same calls under ``/v4``, signed and encrypted; errors are neither."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import hashes

from entrypoints.simulator.command import simulator
from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.jwe import JweKeys
from entrypoints.simulator.response_formats import ResponseFormat
from samples.hdfc.jwe import KEY_ID, JweRecipe, key_files, pair, read_jwe
from simulator.in_process import StartMerchant
from simulator.merchant import Merchant, WebhookReceiver

KEYS = JweKeys(key_id=KEY_ID, merchant=pair("merchant").public_key(), bank=pair("bank"))
SESSION = {
    "order_id": "ORDER1",
    "amount": "1499.50",
    "customer_id": "cust0001",
    "payment_page_client_id": "hdfcmaster",
    "action": "paymentPage",
    "return_url": "https://pay.example.com/hdfc/return",
}
NAMED = {"x-merchantid": "SIMMERCHANT"}


@pytest.fixture
async def jwt_merchant(config: SimulatorConfig, start: StartMerchant) -> AsyncGenerator[Merchant]:
    async with start(replace(config, jwe_keys=KEYS)) as merchant:
        yield merchant


async def ask(
    merchant: Merchant,
    path: str,
    body: object,
    *,
    recipe: JweRecipe | None = None,
    signer: str = "merchant",
) -> httpx.Response:
    jwe = (recipe or JweRecipe()).sign_and_encrypt(
        json.dumps(body).encode(), pair(signer), pair("bank").public_key()
    )
    return await merchant.http.post(f"/v4/{path}", json=jwe, headers=NAMED)


def read(answer: httpx.Response) -> Any:
    """Return the payload of an encrypted answer, verified by code other than the simulator's."""
    assert answer.status_code == 200, answer.text
    payload, outer, inner = read_jwe(answer.json(), pair("merchant"), pair("bank").public_key())
    assert outer == {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": KEY_ID}
    assert inner == {"alg": "RS256", "kid": KEY_ID}
    return json.loads(payload)


async def test_session_status_and_refund_are_signed_and_encrypted(
    jwt_merchant: Merchant, receiver: WebhookReceiver
) -> None:
    """
    The same book as in API-key mode, and the same bodies inside.
    """
    session = read(await ask(jwt_merchant, "session", SESSION))
    await jwt_merchant.pay(webhooks=False)
    status = read(await ask(jwt_merchant, "order-status", {"order_id": "ORDER1"}))
    refund = {"unique_request_id": "RF1", "amount": "500.00"}
    refunded = read(await ask(jwt_merchant, "orders/ORDER1/refunds", refund))
    await receiver.until(2)

    assert session["payment_links"]["web"].endswith(f"/orders/{session['id']}/payment-page")
    assert (status["status"], status["amount"]) == ("CHARGED", 1499.5)
    assert refunded["refunds"][0]["unique_request_id"] == "RF1"
    assert (await jwt_merchant.status())["amount_refunded"] == 500
    assert receiver.events[0] == "REFUND_INITIATED"


async def test_the_older_hash_is_decrypted_too(jwt_merchant: Merchant) -> None:
    """
    One published client encrypts with SHA-1 and decrypts answers with SHA-256.
    """
    recipe = JweRecipe(alg="RSA-OAEP", oaep=hashes.SHA1)

    assert read(await ask(jwt_merchant, "session", SESSION, recipe=recipe))["order_id"] == "ORDER1"


@pytest.mark.parametrize(
    "recipe",
    [
        JweRecipe(kid="key_of_somebody_else"),
        JweRecipe(inner_kid=None),
        JweRecipe(alg="RSA1_5"),
        JweRecipe(alg="RSA-OAEP"),
        JweRecipe(enc="A128GCM", content_key_bytes=16),
        JweRecipe(inner_alg="none", signature=b""),
        JweRecipe(signature=bytes(256)),
    ],
)
async def test_a_request_that_proves_nothing_is_refused(
    jwt_merchant: Merchant, recipe: JweRecipe
) -> None:
    """
    401 in the clear, and nothing was done.
    """
    refused = await ask(jwt_merchant, "session", SESSION, recipe=recipe)

    assert (refused.status_code, refused.json()["error_code"]) == (401, "access_denied")
    assert (await jwt_merchant.ask_status()).status_code == 404


async def test_a_request_signed_by_another_key_is_refused(jwt_merchant: Merchant) -> None:
    assert (await ask(jwt_merchant, "session", SESSION, signer="stranger")).status_code == 401


async def test_a_tampered_request_is_refused(jwt_merchant: Merchant) -> None:
    jwe = JweRecipe().sign_and_encrypt(
        json.dumps(SESSION).encode(), pair("merchant"), pair("bank").public_key()
    )
    for name in ("encryptedPayload", "tag", "iv"):
        changed = jwe | {name: ("B" if jwe[name][0] == "A" else "A") + jwe[name][1:]}
        answer = await jwt_merchant.http.post("/v4/session", json=changed, headers=NAMED)
        assert answer.status_code == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", json.dumps(SESSION).encode()])
async def test_a_plain_request_is_malformed(jwt_merchant: Merchant, body: bytes) -> None:
    headers = NAMED | {"content-type": "application/json"}
    answer = await jwt_merchant.http.post("/v4/session", content=body, headers=headers)

    assert answer.status_code == 400


async def test_the_merchant_has_to_be_named(jwt_merchant: Merchant) -> None:
    for headers in ({}, {"x-merchantid": "ANOTHER"}):
        jwe = JweRecipe().sign_and_encrypt(b"{}", pair("merchant"), pair("bank").public_key())
        answer = await jwt_merchant.http.post("/v4/order-status", json=jwe, headers=headers)
        assert answer.status_code == 401


async def test_only_json_is_taken(jwt_merchant: Merchant) -> None:
    answer = await jwt_merchant.http.post("/v4/session", data={"header": "x"}, headers=NAMED)

    assert answer.status_code == 415


async def test_without_keys_there_is_no_such_mode(merchant: Merchant) -> None:
    assert (await ask(merchant, "session", SESSION)).status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("session", SESSION | {"amount": "1.005"}, 400, "INVALID_REQUEST"),
        ("order-status", {"order_id": "NOBODY"}, 404, "order_not_found"),
        ("order-status", {}, 400, "Mandatory fields are missing"),
        ("order-status", [], 400, "Mandatory fields are missing"),
        ("orders/NOBODY/refunds", {"unique_request_id": "RF1"}, 404, "order_not_found"),
        ("orders/NOBODY/refunds", [], 400, "INVALID_REQUEST"),
    ],
)
async def test_refusals_stay_in_the_clear(
    jwt_merchant: Merchant, path: str, body: object, status: int, code: str
) -> None:
    """
    The same words as with an API key.
    """
    refused = await ask(jwt_merchant, path, body)

    assert (refused.status_code, refused.json()["error_code"]) == (status, code)


async def test_faults_are_injected_into_jwt_calls_too(jwt_merchant: Merchant) -> None:
    await ask(jwt_merchant, "session", SESSION)
    await jwt_merchant.control("faults", rates={"http_500": 1}, operations=["status"])

    answer = await ask(jwt_merchant, "order-status", {"order_id": "ORDER1"})

    assert answer.status_code == 500
    told = (await jwt_merchant.http.get("/_control/faults")).json()
    assert told["latest"][0] == {"kind": "http_500", "order_id": "order1", "ordinal": "status.1"}


async def test_jwt_mode_answers_in_json_in_every_format(
    config: SimulatorConfig, start: StartMerchant
) -> None:
    """
    Only calls with an API key are answered otherwise.
    """
    async with start(
        replace(config, jwe_keys=KEYS, response_format=ResponseFormat.XML)
    ) as merchant:
        session = read(await ask(merchant, "session", SESSION))
        plain = await merchant.ask_status()

    assert session["order_id"] == "ORDER1"
    assert plain.headers["content-type"].startswith("application/xml")


def test_the_keys_come_by_option_all_or_none(tmp_path: Path) -> None:
    """
    And have to be keys: a usage error before anything listens.
    """
    files = key_files(tmp_path)
    words = {
        "--jwt-key-id": KEY_ID,
        "--jwt-merchant-public-key": str(files["merchant_public"]),
        "--jwt-bank-private-key": str(files["bank_private"]),
    }
    for left_out in words:
        given = [word for pair_ in words.items() if pair_[0] != left_out for word in pair_]
        result = CliRunner().invoke(simulator, given)
        assert (result.exit_code, "together" in result.output) == (2, True)

    swapped = words | {"--jwt-bank-private-key": str(files["bank_public"])}
    result = CliRunner().invoke(simulator, [word for pair_ in swapped.items() for word in pair_])
    assert (result.exit_code, "PEM" in result.output) == (2, True)
