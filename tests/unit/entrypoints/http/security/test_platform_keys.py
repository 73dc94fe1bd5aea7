"""The platform's keys are kept, and read again when they change; nobody makes us ask for them without end."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pytest

from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.platform_keys import (
    BODY_BYTES_MAX,
    FRESH_SECONDS,
    FRESH_SECONDS_MAX,
    FRESH_SECONDS_MIN,
    KEPT_SECONDS_MAX,
    PAUSE_SECONDS,
    Fetched,
    KeyAddress,
    KeyFile,
    fetch_keys,
)
from entrypoints.http.security.verifying_keys import KeysUnusable
from entrypoints.settings.settings import JwtAlgorithm
from samples.platform_keys import key_set, private_key, published

ES256: Final = JwtAlgorithm.ES256
OLD: Final = key_set(published(private_key("ES256"), kid="old"))
NEW: Final = key_set(published(private_key("ES256", "two"), kid="new"))


@dataclass(slots=True)
class Address:
    """What is published at an address, which may be away, and a clock that a test sets."""

    body: bytes = OLD
    fresh_seconds: float | None = None
    away: Exception | None = None
    read: int = 0
    at: float = 1000.0
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.hold.set()

    async def fetch(self) -> Fetched:
        self.read += 1
        await self.hold.wait()
        if self.away is not None:
            raise self.away
        return Fetched(self.body, self.fresh_seconds)

    def keys(self) -> KeyAddress:
        return KeyAddress(self.fetch, (ES256,), now=lambda: self.at)


async def knows(keys: KeyAddress | KeyFile, key_id: str) -> bool:
    return await keys.find(key_id, ES256) is not None


async def settle() -> None:
    """Let a read in the background come to its end."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_keys_are_read_once_and_kept() -> None:
    """
    Not once for each token.
    """
    address = Address()
    keys = address.keys()

    assert [await knows(keys, "old") for _ in range(100)] == [True] * 100
    assert address.read == 1


async def test_a_new_key_is_found_at_once() -> None:
    """
    A token signed by a key that was published a moment ago is accepted.
    """
    address = Address()
    keys = address.keys()
    await knows(keys, "old")
    address.body = NEW
    address.at += PAUSE_SECONDS

    assert await knows(keys, "new")
    assert not await knows(keys, "old")


async def test_unknown_keys_do_not_make_us_ask_without_end() -> None:
    """
    However many made-up ids come, the address is read once in ten seconds.
    """
    address = Address()
    keys = address.keys()
    for number in range(500):
        assert not await knows(keys, f"made-up-{number}")

    assert address.read == 1
    address.at += PAUSE_SECONDS
    await asyncio.gather(*(knows(keys, f"at-once-{number}") for number in range(500)))
    assert address.read == 2


@pytest.mark.parametrize(
    ("said", "used_for"),
    [
        (None, FRESH_SECONDS),
        (0.0, FRESH_SECONDS_MIN),
        (600.0, 600.0),
        (10.0**9, FRESH_SECONDS_MAX),
    ],
)
async def test_a_withdrawn_key_is_noticed(said: float | None, used_for: float) -> None:
    """
    Keys are read again when they are no longer fresh; whoever asks meanwhile does not wait.
    """
    address = Address(fresh_seconds=said)
    keys = address.keys()
    await knows(keys, "old")
    address.body = NEW
    address.at += used_for - 1
    assert await knows(keys, "old")
    await settle()
    assert address.read == 1

    address.at += 1
    assert await knows(keys, "old")
    await settle()

    assert not await knows(keys, "old")


@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError("away"), TimeoutError(), OSError(), KeysUnusable("nothing")]
)
async def test_known_keys_serve_while_the_address_is_away(trouble: Exception) -> None:
    """
    A platform that cannot be asked for a day signs nobody out; after a day its keys are too old.
    """
    address = Address()
    keys = address.keys()
    await knows(keys, "old")
    address.away = trouble
    address.at += KEPT_SECONDS_MAX - 1
    assert await knows(keys, "old")
    await settle()
    address.at += PAUSE_SECONDS

    with pytest.raises(HttpProblem) as refusal:
        await knows(keys, "old")
    assert refusal.value.problem.kind.slug == "platform-keys-unavailable"


async def test_without_any_key_nobody_is_refused_for_good() -> None:
    """
    503 with Retry-After, and the address is not asked for each token.
    """
    address = Address(away=TimeoutError())
    keys = address.keys()
    for _ in range(10):
        with pytest.raises(HttpProblem) as refusal:
            await knows(keys, "old")
        assert refusal.value.problem.headers["Retry-After"] == "10"
    assert address.read == 1

    address.away = None
    address.at += PAUSE_SECONDS

    assert await knows(keys, "old")


async def test_whoever_leaves_does_not_stop_the_others() -> None:
    """
    One read serves all who wait for it, also when its first caller has left.
    """
    address = Address()
    address.hold.clear()
    keys = address.keys()
    first, second = (asyncio.create_task(knows(keys, "old")) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    address.hold.set()

    assert await second
    assert first.cancelled()
    assert address.read == 1


async def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    """
    Rotated in place or exchanged for another file, without a restart.
    """
    path, other = tmp_path / "jwks.json", tmp_path / "next.json"
    path.write_bytes(OLD)
    keys = KeyFile.open(path, (ES256,))
    assert await knows(keys, "old")
    other.write_bytes(NEW)
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)

    assert await knows(keys, "new")
    assert not await knows(keys, "old")


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"{")])
async def test_a_spoilt_file_changes_nothing(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    """
    A file that is half written, or gone for a moment, shuts nobody out.
    """
    path = tmp_path / "jwks.json"
    path.write_bytes(OLD)
    keys = KeyFile.open(path, (ES256,))
    spoil(path)

    assert await knows(keys, "old")
    path.write_bytes(NEW)
    assert await knows(keys, "new")


def answering(answer: httpx.Response) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: answer)


async def test_what_an_address_answers() -> None:
    """
    The body as it came, and how long it may be used.
    """
    for said, expected in (
        ({}, None),
        ({"Cache-Control": "no-cache"}, None),
        ({"Cache-Control": "public, max-age=600, must-revalidate"}, 600.0),
        ({"Cache-Control": "s-maxage=5"}, None),
    ):
        answer = httpx.Response(200, stream=httpx.ByteStream(OLD), headers=said)
        fetched = await fetch_keys("https://platform.example.com", answering(answer))
        assert fetched == Fetched(OLD, expected)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404),
        httpx.Response(302, headers={"Location": "https://elsewhere.example.com"}),
        httpx.Response(200, stream=httpx.ByteStream(b"x" * (BODY_BYTES_MAX + 1))),
    ],
)
async def test_an_address_that_answers_something_else(answer: httpx.Response) -> None:
    """
    Another status, another place, or far too much is no set of keys.
    """
    fetch: Callable[[], Awaitable[Fetched]] = lambda: fetch_keys(  # noqa: E731 - one expression, typed
        "https://platform.example.com", answering(answer)
    )
    with pytest.raises(KeysUnusable):
        await fetch()
