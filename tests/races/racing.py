"""Letting many go at once, and what is left to say of each: what it got, or why it was refused."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

from adapters.postgres.engine.database import Database
from domain.errors import DomainError
from races.meeting import MeetingPlace, MeetingUnitOfWork
from worlds.postgres import HandClock, PostgresWorld

Out = TypeVar("Out")


async def all_at_once(
    runners: Iterable[Awaitable[Out]],
) -> tuple[list[Out], list[DomainError]]:
    """Return what the winners got and what the others were told; anything else is a fault."""
    got, told = [], []
    for outcome in await asyncio.gather(*runners, return_exceptions=True):
        if isinstance(outcome, DomainError):
            told.append(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            got.append(outcome)
    return got, told


def meeting(
    world: PostgresWorld, place: MeetingPlace, *, only: str = "", slower: bool = False
) -> PostgresWorld:
    """Return another process of *world* whose units meet the others' at *place*, and apply after one if *slower*."""
    unit = MeetingUnitOfWork(world.database, place, only=only, slower=slower)
    settings = world.wiring.container.settings()
    return PostgresWorld.open(world.database, world.gateway, world.clock, unit, settings=settings)


def process_on(
    database: Database, world: PostgresWorld, clock: HandClock | None = None
) -> PostgresWorld:
    """Return another process with a pool of its own before the same bank."""
    return PostgresWorld.open(database, world.gateway, clock or world.clock)
