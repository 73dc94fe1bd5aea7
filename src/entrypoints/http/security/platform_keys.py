"""Where the platform's keys come from: a shared secret, a file, or an https address, each read again as it changes."""

import asyncio
import logging
import os
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, Self

import httpx

from entrypoints.http import problem_types
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.verifying_keys import (
    KeySet,
    KeysUnusable,
    VerifyingKey,
    read_key_set,
)
from entrypoints.settings.settings import JwtAlgorithm, Settings

log = logging.getLogger(__name__)

FETCH_SECONDS_MAX: Final = 5.0
BODY_BYTES_MAX: Final = 256 * 1024
FRESH_SECONDS: Final = 300.0
"""How long keys are used before they are read again, where the address does not say it."""

FRESH_SECONDS_MIN: Final = 60.0
FRESH_SECONDS_MAX: Final = 3600.0
PAUSE_SECONDS: Final = 10.0
"""The least time between two reads, however many tokens name a key that is not known."""

KEPT_SECONDS_MAX: Final = 86_400.0
"""How long keys serve while they cannot be read again; afterwards a withdrawn key would live on."""

_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age=([0-9]{1,9})(?:$|[\s,;])")


class PlatformKeys(Protocol):
    async def find(self, key_id: str | None, algorithm: JwtAlgorithm) -> VerifyingKey | None:
        """Return the key that a token names, None when there is none; 503 while no keys can be had."""
        ...


def platform_keys(settings: Settings) -> PlatformKeys:
    """Return the keys that *settings* name; raises ``KeysUnusable`` for a file without a usable one."""
    if settings.jwt_jwks_file is not None:
        return KeyFile.open(settings.jwt_jwks_file, settings.jwt_algorithm)
    if settings.jwt_jwks_url is not None:
        address = settings.jwt_jwks_url
        return KeyAddress(lambda: fetch_keys(address), settings.jwt_algorithm)
    return SharedSecret(settings.jwt_secret or "")


@dataclass(frozen=True, slots=True)
class SharedSecret:
    """One key of HS256, whatever id a token names."""

    secret: str = field(repr=False)

    async def find(self, key_id: str | None, algorithm: JwtAlgorithm) -> VerifyingKey | None:
        return VerifyingKey(key_id, algorithm, self.secret)


@dataclass(slots=True)
class KeyFile:
    """The keys of a file, read again once the file is another one; a file without a usable key changes nothing."""

    path: Path
    algorithms: Sequence[JwtAlgorithm]
    _keys: KeySet
    _version: tuple[int, ...]

    @classmethod
    def open(cls, path: Path, algorithms: Sequence[JwtAlgorithm]) -> Self:
        """Return the keys that are in the file now, or raise ``KeysUnusable``."""
        version = _version_of(path)
        keys = read_key_set(path.read_bytes(), algorithms)
        _report(keys)
        return cls(path, algorithms, keys, version)

    async def find(self, key_id: str | None, algorithm: JwtAlgorithm) -> VerifyingKey | None:
        self._read_again_if_changed()
        return self._keys.find(key_id, algorithm)

    def _read_again_if_changed(self) -> None:
        try:
            version = _version_of(self.path)
            if version == self._version:
                return
            self._version = version
            self._keys = read_key_set(self.path.read_bytes(), self.algorithms)
            _report(self._keys)
        except (OSError, KeysUnusable) as error:
            log.error("platform_keys.unreadable", extra={"trouble": type(error).__name__})  # noqa: TRY400 - no trace: a file without a key is no bug


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered; *fresh_seconds* is how long it may be used, None when it does not say."""

    body: bytes
    fresh_seconds: float | None = None


@dataclass(slots=True)
class KeyAddress:
    """
    The keys behind an address, kept for a while and read again in the background when that is over.

    A key that is not known is looked for at the address at once, at most once in ``PAUSE_SECONDS``. While
    the address does not answer, the known keys serve on for at most ``KEPT_SECONDS_MAX``.
    """

    fetch: Callable[[], Awaitable[Fetched]]
    algorithms: Sequence[JwtAlgorithm]
    now: Callable[[], float] = time.monotonic
    _keys: KeySet | None = field(default=None, init=False)
    _read_at: float = field(default=float("-inf"), init=False)
    _fresh_until: float = field(default=float("-inf"), init=False)
    _next_read: float = field(default=float("-inf"), init=False)
    _reading: asyncio.Task[None] | None = field(default=None, init=False)

    async def find(self, key_id: str | None, algorithm: JwtAlgorithm) -> VerifyingKey | None:
        keys = self._usable()
        found = keys.find(key_id, algorithm) if keys else None
        if found is not None:
            if self.now() >= self._fresh_until:
                self._begin_reading()
            return found
        if reading := self._begin_reading():
            # A caller that leaves must not take the read of the others with it.
            await asyncio.shield(reading)
        if (keys := self._usable()) is None:
            raise HttpProblem(
                problem_types.PLATFORM_KEYS_UNAVAILABLE,
                headers={"Retry-After": str(round(PAUSE_SECONDS))},
            )
        return keys.find(key_id, algorithm)

    def _usable(self) -> KeySet | None:
        return self._keys if self.now() < self._read_at + KEPT_SECONDS_MAX else None

    def _begin_reading(self) -> asyncio.Task[None] | None:
        """Return the read that runs or begins now, None when the last one is too short ago."""
        if self._reading is not None and not self._reading.done():
            return self._reading
        if self.now() < self._next_read:
            return None
        self._next_read = self.now() + PAUSE_SECONDS
        self._reading = asyncio.create_task(self._read())
        return self._reading

    async def _read(self) -> None:
        try:
            fetched = await self.fetch()
            keys = read_key_set(fetched.body, self.algorithms)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, KeysUnusable) as error:
            log.error("platform_keys.unreadable", extra={"trouble": type(error).__name__})  # noqa: TRY400 - no trace: the address is not ours
            return
        if self._keys is None or keys.passed_over != self._keys.passed_over:
            _report(keys)
        fresh = fetched.fresh_seconds if fetched.fresh_seconds is not None else FRESH_SECONDS
        self._keys, self._read_at = keys, self.now()
        self._fresh_until = self._read_at + min(max(fresh, FRESH_SECONDS_MIN), FRESH_SECONDS_MAX)


async def fetch_keys(address: str, transport: httpx.AsyncBaseTransport | None = None) -> Fetched:
    """
    Return what *address* answers within ``FETCH_SECONDS_MAX``, at most ``BODY_BYTES_MAX`` of it.

    Redirects are not followed. Raises ``KeysUnusable`` for another answer than 200, and what httpx raises.
    """
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    async with (
        asyncio.timeout(FETCH_SECONDS_MAX),
        httpx.AsyncClient(
            follow_redirects=False, trust_env=False, transport=transport, headers=headers
        ) as client,
        client.stream("GET", address) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            raise KeysUnusable(f"the address answered with status {answer.status_code}")
        body = bytearray()
        async for piece in answer.aiter_raw():
            body += piece
            if len(body) > BODY_BYTES_MAX:
                raise KeysUnusable("the address answered more than a set of keys")
        age = _MAX_AGE.search(answer.headers.get("cache-control", "").lower())
        return Fetched(bytes(body), float(age[1]) if age else None)


def _version_of(path: Path) -> tuple[int, ...]:
    known = os.stat(path)  # noqa: PTH116 - follows links, as secrets are mounted by link
    return known.st_mtime_ns, known.st_size, known.st_ino


def _report(keys: KeySet) -> None:
    """Log which keys were passed over, and why; their ids and numbers are left out."""
    for reason in keys.passed_over:
        log.warning("platform_keys.key_unsupported", extra={"reason": reason})
