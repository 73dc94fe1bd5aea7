"""Who may use the order API: the merchant's API key as Basic credentials, and its merchant id."""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Mapping
from typing import Final

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.refusals import unauthorised

MERCHANT_HEADERS: Final = ("x-merchantid", "x-merchant-id")


def check_credentials(headers: Mapping[str, str], config: SimulatorConfig) -> None:
    """
    Raise ``ApiRefusal`` (401) unless the caller is the merchant.

    The key may come with or without its trailing colon, since both forms are documented; a password after
    the colon is not.
    """
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise unauthorised("Send the API key as Basic credentials")
    try:
        pair = b64decode(encoded.strip().encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise unauthorised("The Basic credentials are not base64") from None
    key, _, password = pair.partition(b":")
    if password:
        raise unauthorised("The password must be empty")
    if not hmac.compare_digest(key, config.api_key.encode()):
        raise unauthorised("The API key is wrong")
    check_merchant(headers, config)


def check_merchant(headers: Mapping[str, str], config: SimulatorConfig) -> None:
    """Raise ``ApiRefusal`` (401) unless the call is made in this merchant's name."""
    merchant = next((headers[name] for name in MERCHANT_HEADERS if name in headers), None)
    if merchant != config.merchant_id:
        raise unauthorised("The merchant id is missing or wrong")
