"""From what an operator set to what the gateway's adapter is given."""

import hmac
import json
from base64 import b64encode
from pathlib import Path

import pytest

from adapters.hdfc.auth.jwt_auth import JwtAuth
from adapters.hdfc.auth.request_auth import ApiKeyAuth
from adapters.hdfc.inbound.gateway_messages import HdfcMessages
from entrypoints.settings.settings import VARIABLES, load_settings
from entrypoints.wiring.container import build
from ports.payments.gateway_messages import ForgedMessage, GatewayMessages
from samples.hdfc.jwe import key_files, pair
from samples.hdfc.samples import sample

EXAMPLE = {each.name: each.example for each in VARIABLES if each.example}
BODY = json.dumps(sample("event_order_succeeded")).encode()
CREDENTIALS = {
    "authorization": f"Basic {b64encode(b'shulk:change-me-webhook-password-of-today').decode()}"
}
SIGNED = {
    "SHULK_WEBHOOK_SIGNATURE_HEADER": "X-Signature",
    "SHULK_WEBHOOK_SIGNATURE_SECRET": "key-of-today",
    "SHULK_WEBHOOK_SIGNATURE_NEXT_SECRET": "key-of-tomorrow",
}


def messages(**changes: str) -> GatewayMessages:
    made = build(load_settings(EXAMPLE | changes)).bank.messages()
    assert isinstance(made, HdfcMessages)
    return made


def signed(secret: str) -> dict[str, str]:
    return {"x-signature": hmac.new(secret.encode(), BODY, "sha256").hexdigest()}


@pytest.mark.parametrize("secret", ["key-of-today", "key-of-tomorrow"])
def test_an_agreed_signature_is_asked_for(secret: str) -> None:
    """
    Beside the credentials, by either key.
    """
    assert messages(**SIGNED).read_event(CREDENTIALS | signed(secret), BODY).id
    for short in (CREDENTIALS, signed(secret), CREDENTIALS | signed("key-of-yesterday")):
        with pytest.raises(ForgedMessage):
            messages(**SIGNED).read_event(short, BODY)


def test_one_proof_of_two_may_be_enough() -> None:
    """
    Only where the operator says so.
    """
    either = messages(**SIGNED, SHULK_WEBHOOK_PROOFS="any")

    assert either.read_event(CREDENTIALS, BODY).id
    assert either.read_event(signed("key-of-today"), BODY).id
    with pytest.raises(ForgedMessage):
        either.read_event({}, BODY)


def test_without_an_agreed_signature_credentials_are_enough() -> None:
    """
    And a signature that nobody agreed on opens nothing.
    """
    assert messages().read_event(CREDENTIALS, BODY).id
    with pytest.raises(ForgedMessage):
        messages(SHULK_WEBHOOK_PROOFS="any").read_event(signed("key-of-today"), BODY)


def test_the_mode_of_the_account_decides_how_it_asks(tmp_path: Path) -> None:
    """
    An API key, or keys from their files; the gateway itself is the same.
    """
    files = key_files(tmp_path)
    jwt_mode = {
        "SHULK_GATEWAY_AUTH": "jwt",
        "SHULK_GATEWAY_KEY_ID": "key_0a1b",
        "SHULK_GATEWAY_PRIVATE_KEY_FILE": str(files["merchant_private"]),
        "SHULK_GATEWAY_BANK_KEY_FILE": str(files["bank_public"]),
    }

    by_key, by_jwt = [
        build(load_settings(EXAMPLE | mode)).bank.hdfc_settings().auth for mode in ({}, jwt_mode)
    ]

    assert by_key == ApiKeyAuth(key=EXAMPLE["SHULK_API_KEY"])
    assert isinstance(by_jwt, JwtAuth)
    assert by_jwt.keys.key_id == "key_0a1b"
    assert by_jwt.keys.private_key.private_numbers() == pair("merchant").private_numbers()
    assert by_jwt.keys.bank_key.public_numbers() == pair("bank").public_key().public_numbers()
