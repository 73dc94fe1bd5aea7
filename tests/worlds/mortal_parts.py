"""Ports whose process is ended at one of their calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from application.audit.archive_months import ArchiveMonths
from application.audit.archive_records import RecordMonths


class Killed(BaseException):
    pass


@dataclass(slots=True)
class Fate:
    """The call with the number *at* is the last: it is not begun, or *after* it was done."""

    at: int
    after: bool
    calls: int = 0


class Mortal:
    """A port whose process is ended at a call."""

    def __init__(self, part: Any, fate: Fate) -> None:
        self._part, self._fate = part, fate

    def __getattr__(self, name: str) -> Any:
        method, fate = getattr(self._part, name), self._fate

        def begin() -> bool:
            fate.calls += 1
            if fate.calls == fate.at and not fate.after:
                raise Killed
            return fate.calls == fate.at

        async def call(*args: Any, **named: Any) -> Any:
            dies = begin()
            found = await method(*args, **named)
            if dies:
                raise Killed
            return found

        @asynccontextmanager
        async def opened(*args: Any) -> AsyncIterator[Any]:
            dies = begin()
            async with method(*args) as found:
                if dies:
                    raise Killed
                yield found

        return opened if name == "open" else call


def mortal(archive: ArchiveMonths[Any], fate: Fate) -> ArchiveMonths[Any]:
    """Return *archive* as it runs in a process that is ended by *fate*."""
    return replace(
        archive,
        manifests=Mortal(archive.manifests, fate),
        files=Mortal(archive.files, fate),
        source=mortal_source(archive.source, fate),
    )


def mortal_source(source: Any, fate: Fate) -> Any:
    if isinstance(source, RecordMonths):
        return replace(source, rows=Mortal(source.rows, fate))
    reader = source.archive
    return replace(
        source,
        spans=Mortal(source.spans, fate),
        archive=replace(reader, register=Mortal(reader.register, fate)),
    )
