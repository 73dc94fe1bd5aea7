"""The secrets of a merchant account, which nobody is shown: of each at most the last four characters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from domain.gateway_config.gateway_terms import ConfigurationInvalid

SECRET_MIN: Final = 8
SECRET_MAX: Final = 500
TAIL_CHARS: Final = 4
TAIL_FROM: Final = 16
"""Of a shorter secret no character is shown: four would be too much of it."""

_SECRET: Final = re.compile(rf"[\x21-\x7e]{{{SECRET_MIN},{SECRET_MAX}}}")


class SecretField(StrEnum):
    API_KEY = "api_key"
    RESPONSE_KEY = "response_key"
    """Signs what the bank sends back through the browser."""

    WEBHOOK_PASSWORD = "webhook_password"  # noqa: S105 - the name of a field


OF_EVIDENCE: Final = (SecretField.RESPONSE_KEY, SecretField.WEBHOOK_PASSWORD)
"""What the bank proves itself by: the earlier one is accepted for a while after a rotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySecrets:
    """In the clear, and never in a log. *api_key* is None where calls are signed and encrypted instead."""

    api_key: str | None = field(repr=False)
    response_key: str = field(repr=False)
    webhook_password: str = field(repr=False)

    def known(self) -> Mapping[SecretField, str]:
        """Return the secrets that there are, by their fields."""
        return {
            each: value for each in SecretField if (value := getattr(self, each.value)) is not None
        }


def checked_secret(secret: SecretField, text: str) -> str:
    """Return *text*, or raise ``ConfigurationInvalid``: a mask, or what else cannot be a secret of the bank."""
    if not _SECRET.fullmatch(text):
        raise ConfigurationInvalid(
            secret.value,
            f"{SECRET_MIN} to {SECRET_MAX} printable ASCII characters without blanks",
        )
    return text


def tail_of(text: str) -> str:
    """Return the last four characters of a secret that is long enough for it, else nothing."""
    return text[-TAIL_CHARS:] if len(text) >= TAIL_FROM else ""
