"""From what an operator set to what the gateway's adapter is given."""

import hmac
import json
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.configured.messages import ConfiguredMessages
from adapters.hdfc.auth.jwt_auth import JwtAuth
from adapters.hdfc.auth.request_auth import ApiKeyAuth, GatewayCall
from adapters.hdfc.inbound.callback_signature import sign
from domain.gateway_config.gateway_terms import EVERY_METHOD, PaymentMethod
from domain.identifiers import PaymentId
from domain.money import Money
from entrypoints.settings.settings import VARIABLES, load_settings
from entrypoints.wiring.bootstrap_configuration import bootstrap_configuration, is_locked
from entrypoints.wiring.container import build
from entrypoints.wiring.gateway import hdfc_messages, hdfc_settings, webhook_credentials
from entrypoints.wiring.gateway_auth import status_request
from fakes.samples import payment_id
from ports.payments.gateway_messages import ForgedMessage, GatewayMessages
from ports.payments.payment_gateway import GatewayOperation
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
    assert isinstance(made, ConfiguredMessages)
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


def test_the_environment_is_version_0() -> None:
    """
    Until a stored version is in effect; the second login of a rotation counts, and a signing account has no key.
    """
    rotating = {"SHULK_WEBHOOK_NEXT_USER": "next", "SHULK_WEBHOOK_NEXT_PASSWORD": "its-password"}
    bootstrap = bootstrap_configuration(load_settings(EXAMPLE | rotating))

    assert (bootstrap.number, bootstrap.terms.methods) == (0, EVERY_METHOD)
    assert [each.user for each in bootstrap.webhook_logins] == ["shulk", "next"]
    assert len(webhook_credentials((bootstrap, bootstrap))) == 2
    assert not is_locked(load_settings(EXAMPLE))
    assert is_locked(load_settings(EXAMPLE | {"SHULK_GATEWAY_CONFIG": "environment"}))


def test_a_method_is_shown_for_what_it_takes() -> None:
    """
    Up to its own highest amount the page shows what the account has; above it, all but that method.
    """
    settings = load_settings(EXAMPLE)
    bootstrap = bootstrap_configuration(settings)
    capped = replace(bootstrap.terms, maxima={PaymentMethod.UPI: Money(1_00_000_00)})
    methods = hdfc_settings(settings, replace(bootstrap, terms=capped)).methods

    assert methods(Money(1_00_000_00)) == ()
    assert methods(Money(1_00_000_01)) == ("CARD", "NB", "WALLET")


def test_a_stored_version_is_what_the_bank_is_asked_with() -> None:
    """
    Its names, key and methods; where the bank is stays with the operator.
    """
    settings = load_settings(EXAMPLE)
    bootstrap = bootstrap_configuration(settings)
    stored = replace(
        bootstrap,
        number=1,
        terms=replace(bootstrap.terms, merchant_id="OTHER", methods=frozenset({PaymentMethod.UPI})),
        secrets=replace(bootstrap.secrets, api_key="another-api-key"),
    )
    asked = hdfc_settings(settings, stored)

    assert (asked.merchant_id, asked.methods(Money(1180_00))) == ("OTHER", ("UPI",))
    assert asked.auth == ApiKeyAuth(key="another-api-key")
    assert asked.base_url == settings.gateway_url
    assert hdfc_settings(settings, bootstrap).methods(Money(1180_00)) == ()
    assert (
        status_request(settings, "another-api-key", "SK").headers
        == asked.auth.prepare(
            GatewayCall(operation=GatewayOperation.READ_ORDER, order=PaymentId("SK"))
        ).headers
    )


def test_the_bank_may_prove_itself_by_the_secrets_before() -> None:
    """
    A callback signed by the old key and a webhook with the old password count while they are accepted.
    """
    settings = load_settings(EXAMPLE)
    before = bootstrap_configuration(settings)
    now = replace(
        before,
        number=1,
        secrets=replace(
            before.secrets, response_key="the-new-response-key", webhook_password="the-new-password"
        ),
    )
    fields = {"order_id": str(payment_id(1)), "status": "CHARGED", "status_id": "21"}
    returned = [
        *fields.items(),
        ("signature", sign(fields.items(), settings.response_key)),
        ("signature_algorithm", "HMAC-SHA256"),
    ]
    both, alone = hdfc_messages(settings, (now, before)), hdfc_messages(settings, (now,))

    assert both.read_return(returned).status == "CHARGED"
    assert both.read_event(CREDENTIALS, BODY).id
    for refused in (lambda: alone.read_return(returned), lambda: alone.check_sender(CREDENTIALS)):
        with pytest.raises(ForgedMessage):
            refused()
