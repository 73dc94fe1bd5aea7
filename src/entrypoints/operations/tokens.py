"""The platform's keys and tokens, as the command line checks them."""

import asyncio
from datetime import datetime

from entrypoints.http.security.identity import TokenReader
from entrypoints.http.security.platform_keys import fetch_keys
from entrypoints.http.security.token_inspection import Inspection, inspect
from entrypoints.http.security.verifying_keys import KeySet, read_key_set
from entrypoints.settings.settings import Settings


async def published_keys(settings: Settings) -> KeySet | None:
    """Return the platform's public keys as they are published now, None where a secret is shared."""
    if settings.jwt_jwks_file is not None:
        text = await asyncio.to_thread(settings.jwt_jwks_file.read_bytes)
        return read_key_set(text, settings.jwt_algorithm)
    if settings.jwt_jwks_url is not None:
        fetched = await fetch_keys(settings.jwt_jwks_url)
        return read_key_set(fetched.body, settings.jwt_algorithm)
    return None


def inspect_token(settings: Settings, token: str, at: datetime) -> Inspection:
    """Return what is right and wrong with *token* at the instant *at*, by *settings*."""
    return asyncio.run(inspect(TokenReader.of(settings), token, at))
