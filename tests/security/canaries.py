"""Looking for card numbers wherever something is kept or told, in whatever spelling."""

import base64
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

from redis.asyncio import Redis

from samples.hostile.entry import CARDS

TABLES: Final = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name"""
BYTES: Final = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND data_type = 'bytea'"""
_BETWEEN: Final = re.compile(r"(?<=[0-9])[ \-\u200b]+(?=[0-9])")


def cards_in(text: str) -> set[str]:
    """Return the canaries that stand in *text*: plain, spaced, percent-encoded or in other digits."""
    digits = {ord(each): str(unicodedata.digit(each)) for each in set(text) if each.isdigit()}
    plain = text.translate(digits)
    spellings = (plain, _BETWEEN.sub("", plain), _BETWEEN.sub("", unquote_plus(plain)))
    coded = {card: (card, base64.b64encode(card.encode()).decode()) for card in CARDS}
    return {
        card
        for card, forms in coded.items()
        if any(form in spelling for form in forms for spelling in spellings)
    }


async def rows_with_cards(connection: Any) -> list[str]:
    """Return every row of every table that holds a canary, in text, JSON or bytes."""
    found = []
    for (table,) in await connection.fetch(TABLES):
        rows = await connection.fetch(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - from the catalogue
        found += [f"{table}: {row[0]}" for row in rows if cards_in(row[0])]
    for table, column in await connection.fetch(BYTES):
        rows = await connection.fetch(f"""SELECT encode("{column}", 'escape') FROM "{table}" """)  # noqa: S608 - same
        found += [f"{table}.{column}: {row[0]}" for row in rows if row[0] and cards_in(row[0])]
    return found


async def told_to_redis(redis: Redis) -> list[str]:
    """Return all that Redis holds, keys and contents, as texts."""
    readers: Mapping[object, Any] = {
        b"string": redis.get,
        b"stream": redis.xrange,
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        b"list": lambda key: redis.lrange(key, 0, -1),
    }
    told = []
    async for key in redis.scan_iter():
        kind = await redis.type(key)
        told += [repr(key), repr(await readers[kind](key))]
    return told


def with_cards(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if cards_in(text)]
