"""
The least that could do it: Litestar, the driver, and our own statements; no domain, no port.

It checks what a service cannot leave out: the signature and the times of a token, and that its student has not asked
too often, counted in Valkey.
"""

import hashlib
import os
import pickle
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg
import jwt
import msgspec
from litestar import Litestar, Request, post
from litestar.datastructures import State
from litestar.exceptions import TooManyRequestsException
from redis.asyncio import Redis

from benchmarks.statements import Statement, Values

BUDGET: Final = 100_000
STATEMENTS: Final = "BENCH_STATEMENTS"
POOL: Final = "BENCH_POOL"
Trip = Sequence[Statement]


class Order(msgspec.Struct):
    order_id: str


class Content(msgspec.Struct):
    order: Order


class Event(msgspec.Struct):
    id: str
    content: Content


class Wanted(msgspec.Struct):
    payment: str
    student: str
    key: str


_event: Final = msgspec.json.Decoder(Event)
_wanted: Final = msgspec.json.Decoder(Wanted)
Any_ = Request[Any, Any, State]


def _of_event(body: bytes) -> dict[str, str | int]:
    event = _event.decode(body)
    return {
        "event": event.id,
        "payment": event.content.order.order_id,
        "digest": hashlib.sha256(body).hexdigest(),
    }


@post("/accept", status_code=200)
async def accept(request: Any_) -> dict[str, str]:
    await _run(request, "accept", _of_event(await request.body()))
    return {"status": "accepted"}


@post("/settle", status_code=200)
async def apply(request: Any_) -> dict[str, str]:
    accepting, claiming, *rest = request.app.state.trips["settle"]
    async with request.app.state.pool.acquire() as connection:
        values = _of_event(await request.body())
        await connection.fetch(accepting.sql, *accepting.filled(values))
        claimed: list[Any] = []
        while not claimed:
            # Somebody else may have claimed in the same moment what this one had seen as free.
            claimed = await connection.fetch(claiming.sql, *claiming.filled(values))
        entry = claimed[0]
        found = values | {
            "payment": entry["order_id"],
            "student": entry["payment_student_id"],
            "inbox": entry["id"],
        }
        for each in rest:
            await connection.fetch(each.sql, *each.filled(found))
    return {"status": "settled"}


@post("/initiate", status_code=201)
async def initiate(request: Any_) -> dict[str, str]:
    token = request.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, request.app.state.key, ["HS256"], **request.app.state.expected)
    if await request.app.state.valkey.incr(f"bare:{claims['sub']}") > BUDGET:
        raise TooManyRequestsException
    wanted = _wanted.decode(await request.body())
    await _run(request, "initiate", msgspec.structs.asdict(wanted))
    return {"transaction_id": wanted.payment}


async def _left_as_it_is(_connection: Any) -> None:
    """Leave a connection that comes back as it is."""


async def _run(request: Any_, trip: str, values: Values) -> None:
    async with request.app.state.pool.acquire() as connection:
        for each in request.app.state.trips[trip]:
            await connection.fetch(each.sql, *each.filled(values))


def app() -> Litestar:
    """Return the application; the server's factory. Where the database is, is in the environment."""
    trips: Mapping[str, Trip] = pickle.loads(Path(os.environ[STATEMENTS]).read_bytes())  # noqa: S301 - our own file

    async def open_pool(served: Litestar) -> None:
        size = int(os.environ[POOL])
        served.state.pool = await asyncpg.create_pool(
            os.environ["SHULK_DATABASE_URL"],
            min_size=size,
            max_size=size,
            # Ours asks for nothing when a connection comes back, since none has an open transaction.
            reset=_left_as_it_is,
        )
        secret = os.environ["SHULK_JWT_SECRET"].encode()
        shown = urlsafe_b64encode(secret).decode()
        # A key that is prepared once: from a text the library makes it anew for each token.
        served.state.key = jwt.PyJWK({"kty": "oct", "k": shown, "alg": "HS256"})
        served.state.expected = {
            "audience": os.environ["SHULK_JWT_AUDIENCE"],
            "issuer": os.environ["SHULK_JWT_ISSUER"],
        }
        served.state.valkey = Redis.from_url(os.environ["SHULK_REDIS_URL"])

    async def close_pool(served: Litestar) -> None:
        await served.state.pool.close()
        await served.state.valkey.aclose()

    handlers: list[Callable[..., Any]] = [accept, apply, initiate]
    served = Litestar(
        route_handlers=handlers,
        on_startup=[open_pool],
        on_shutdown=[close_pool],
        openapi_config=None,
        logging_config=None,
    )
    served.state.trips = trips
    return served
