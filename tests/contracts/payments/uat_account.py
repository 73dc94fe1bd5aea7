"""The merchant account at the bank's test system that ``uat_gateway`` speaks for, told by variables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Final
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from adapters.hdfc.auth.jose import JweKeys, private_key_in, public_key_in
from adapters.hdfc.auth.jwt_auth import JwtAuth
from adapters.hdfc.auth.request_auth import ApiKeyAuth, Authentication
from adapters.hdfc.settings import HdfcSettings

ACCOUNT: Final = (
    "UAT_GATEWAY_URL",
    "UAT_MERCHANT_ID",
    "UAT_PAYMENT_PAGE_CLIENT_ID",
    "UAT_RESPONSE_KEY",
    "UAT_RETURN_URL",
)
API_KEY: Final = ("UAT_API_KEY",)
JWT_KEYS: Final = ("UAT_KEY_ID", "UAT_PRIVATE_KEY_FILE", "UAT_BANK_KEY_FILE")
PRODUCTION: Final = frozenset({"smartgateway.hdfc.bank.in", "smartgateway.hdfcbank.com"})


@dataclass(frozen=True, slots=True)
class UatAccount:
    """A merchant at the bank's test system, and an unknown merchant with keys of their own making."""

    known: HdfcSettings
    unknown: HdfcSettings


def account_in(environ: Mapping[str, str]) -> UatAccount:
    """Return the account that *environ* tells of, or end the run with what is missing: nothing was proven then."""
    jwt_mode = any(environ.get(name) for name in JWT_KEYS)
    needed = (*ACCOUNT, *(JWT_KEYS if jwt_mode else API_KEY))
    if missing := [name for name in needed if not environ.get(name)]:
        other = "" if jwt_mode else f" (or, for JWT mode, {', '.join(JWT_KEYS)})"
        pytest.exit(f"nothing was run: set {', '.join(missing)}{other}", returncode=2)
    if (host := urlsplit(environ["UAT_GATEWAY_URL"]).hostname) in PRODUCTION:
        pytest.exit(f"nothing was run: {host} takes real money", returncode=2)
    known, unknown = _jwt_auth(environ) if jwt_mode else _keys(environ)
    return UatAccount(_settings(environ, known), _settings(environ, unknown))


def _keys(environ: Mapping[str, str]) -> tuple[Authentication, Authentication]:
    return ApiKeyAuth(key=environ["UAT_API_KEY"]), ApiKeyAuth(key=token_hex(16))


def _jwt_auth(environ: Mapping[str, str]) -> tuple[Authentication, Authentication]:
    bank_key = public_key_in(Path(environ["UAT_BANK_KEY_FILE"]).read_bytes())
    ours = private_key_in(Path(environ["UAT_PRIVATE_KEY_FILE"]).read_bytes())
    theirs = generate_private_key(public_exponent=65537, key_size=2048)
    known, unknown = (
        JwtAuth(JweKeys(key_id=environ["UAT_KEY_ID"], private_key=private_key, bank_key=bank_key))
        for private_key in (ours, theirs)
    )
    return known, unknown


def _settings(environ: Mapping[str, str], auth: Authentication) -> HdfcSettings:
    return HdfcSettings(
        base_url=environ["UAT_GATEWAY_URL"].rstrip("/"),
        merchant_id=environ["UAT_MERCHANT_ID"],
        auth=auth,
        payment_page_client_id=environ["UAT_PAYMENT_PAGE_CLIENT_ID"],
        return_url=environ["UAT_RETURN_URL"],
        response_key=environ["UAT_RESPONSE_KEY"],
        payment_hosts=tuple(filter(None, environ.get("UAT_PAYMENT_HOSTS", "").split(","))),
        read_timeout=timedelta(seconds=60),
    )
