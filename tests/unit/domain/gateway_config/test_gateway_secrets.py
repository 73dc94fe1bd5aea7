"""Secrets of the merchant account: never in a repr, and of a long one four characters at most."""

from dataclasses import replace

import pytest

from domain.gateway_config.gateway_configuration import WebhookLogin
from domain.gateway_config.gateway_secrets import (
    SECRET_MAX,
    GatewaySecrets,
    SecretField,
    checked_secret,
    tail_of,
)
from domain.gateway_config.gateway_terms import ConfigurationInvalid
from fakes.gateway_config.samples import BOOTSTRAP, SECRETS


def test_no_secret_stands_in_a_repr() -> None:
    """
    Whatever is logged of a configuration shows none of them.
    """
    shown = repr(replace(BOOTSTRAP, second_login=WebhookLogin("next", "the-next-password")))

    for secret in (*SECRETS.known().values(), "the-next-password"):
        assert secret not in shown


def test_an_account_may_have_no_key() -> None:
    """
    Where calls are signed and encrypted there are two secrets.
    """
    known = GatewaySecrets(api_key=None, response_key="r", webhook_password="w").known()

    assert set(known) == {SecretField.RESPONSE_KEY, SecretField.WEBHOOK_PASSWORD}


@pytest.mark.parametrize(
    "text", ["", "seven77", "••••0001", "with a blank", "x" * (SECRET_MAX + 1), "line\nbreak"]
)
def test_what_cannot_be_a_secret_is_refused(text: str) -> None:
    """
    A mask among it: who sends back what the page showed has changed nothing.
    """
    with pytest.raises(ConfigurationInvalid) as refused:
        checked_secret(SecretField.API_KEY, text)
    assert [name for name, _ in refused.value.faults] == ["api_key"]
    assert text == "" or text not in str(refused.value)


def test_the_tail_is_shown_of_a_long_secret() -> None:
    """
    Four characters would be too much of a short one.
    """
    assert checked_secret(SecretField.API_KEY, "0123456789abcdef") == "0123456789abcdef"
    assert tail_of("0123456789abcdef") == "cdef"
    assert tail_of("0123456789abcde") == ""


def test_what_the_bank_proves_itself_by_is_retired() -> None:
    """
    Another response key or webhook login, or the second login of the environment that a version does not have.
    """
    same = replace(BOOTSTRAP, number=1)
    key = replace(same, secrets=replace(SECRETS, response_key="another-response-key"))
    password = replace(same, secrets=replace(SECRETS, webhook_password="another-password"))
    user = replace(same, terms=replace(same.terms, webhook_user="another"))
    api_key = replace(same, secrets=replace(SECRETS, api_key="another-api-key"))
    rotating = replace(BOOTSTRAP, second_login=WebhookLogin("next", "the-next-password"))

    assert all(each.retires_evidence_of(BOOTSTRAP) for each in (key, password, user))
    assert not any(each.retires_evidence_of(BOOTSTRAP) for each in (same, api_key))
    assert same.retires_evidence_of(rotating)
    assert len(rotating.webhook_logins) == 2
