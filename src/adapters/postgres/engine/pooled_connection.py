"""A driver connection that works behind a pooler in transaction mode, such as pgbouncer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import asyncpg


class PooledConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """
    Such a pooler lends a server connection for one transaction. So each statement is one of its own:
    it is parsed and run on the same server, and its time limits are set in it. Nothing else that
    lasts longer than a transaction is used: no named statements, no parameters of a session.
    """

    __slots__ = ()
    limits: ClassVar[str] = ""
    """The statements that set the time limits within a transaction."""

    async def fetch(self, query: str, *args: object, **options: Any) -> Any:
        if self.is_in_transaction():
            return await super().fetch(query, *args, **options)
        async with self._own_transaction():
            return await super().fetch(query, *args, **options)

    async def set_type_codec(self, typename: str, **options: Any) -> None:
        async with self._own_transaction():
            await super().set_type_codec(typename, **options)

    @asynccontextmanager
    async def _own_transaction(self) -> AsyncIterator[None]:
        await self.execute(f"BEGIN; {self.limits}")
        try:
            yield
        except BaseException:
            if not self.is_closed():
                await self.execute("ROLLBACK")
            raise
        await self.execute("COMMIT")


def pooled_by(limits: str) -> type[PooledConnection]:
    """Return the class of connections whose transactions begin with the statements *limits*."""

    class Limited(PooledConnection):
        __slots__ = ()

    Limited.limits = limits
    return Limited
