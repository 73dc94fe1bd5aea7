"""Access to PostgreSQL: SQLAlchemy's pool, statements sent by asyncpg itself, errors of the ports raised."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, Final, Self

import asyncpg
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.exc import EmulatedDBAPIException, InvalidatePoolError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from adapters.postgres.engine.hosts import HostsInTurn, hosts_of
from adapters.postgres.engine.pooled_connection import pooled_by
from adapters.postgres.engine.statements import Prepared, Write, one_statement
from domain.errors import ChangedMeanwhile
from ports.unit_of_work import StorageUnavailable

GUARD_STATE: Final = "SK001"
"""Raised by ``shulk_expect_one`` when a guarded write did not find its row as it was read."""

CONTENDED: Final = frozenset(
    {
        "payment_one_live",
        "payment_one_retry",
        "payment_one_client_reference",
        "enrolment_one_active",
        "enrolment_pkey",
        "refund_key_once",
        "tax_document_one_invoice",
        "tax_document_one_note",
        "tax_document_note_order",
        "bank_entry_once",
        "bank_statement_once",
        "bank_statement_order",
        "document_file_pkey",
        "staff_pkey",
        "gateway_config_pkey",
        "gateway_config_one_proposed",
        "resolution_pkey",
        "resolution_alone_once",
        "resolution_one_proposed",
        "discrepancy_once",
        "settlement_credit_pkey",
        "audit_leaf_pkey",
        "audit_leaf_entry_once",
        "audit_origin_pkey",
        "audit_checkpoint_pkey",
        "archived_month_pkey",
        "archived_month_first_leaf_once",
        "archived_records_pkey",
    }
)
"""Unique constraints that two correct requests can violate at once; any other violation is a bug."""

DRIVER: Final = "postgresql+asyncpg://"
FOR_MIGRATIONS: Final = "shulk_for_migrations"
"""The option of an engine that holds what makes a connection without time limits."""

LIMIT_PROMISED: Final = "shulk_limit_promised"
"""The option of an engine that holds the milliseconds after which the server ends a statement."""

STREAMED: Final = count(1)
"""The number of the next cursor of this process."""

CLIENT_GRACE_SECONDS: Final = 2
"""The server's timeout ends a slow statement first; the client's is for a server that is gone."""

Record = Mapping[str, Any]
"""A row of the driver, by column names."""

Watch = Callable[[str], AbstractContextManager[object]]
"""Is given the name of a statement, and returns what the statement is run within."""

_NOBODY: Final = nullcontext()


def unwatched(_statement: str) -> AbstractContextManager[object]:
    """Watch no statement."""
    return _NOBODY


class TimeLimitPassed(Exception):
    """A statement had not ended within the *limit* that it was given."""

    def __init__(self, limit: timedelta) -> None:
        super().__init__(f"its time limit of {limit.total_seconds():.0f} s has passed")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    url: str = field(repr=False)
    pool_size: int = 10
    pool_timeout: timedelta = timedelta(seconds=5)
    statement_timeout: timedelta = timedelta(seconds=5)
    lock_timeout: timedelta = timedelta(seconds=2)
    connect_timeout: timedelta = timedelta(seconds=5)
    """How long it may take to connect; of several hosts each has an equal part of it."""

    application_name: str = "shulk"
    pooled_by_transaction: bool = False
    """Whether a pooler stands between, which lends a server connection for one transaction only."""


class Database:
    """One connection pool in autocommit: writes that belong together are sent as one statement."""

    def __init__(self, engine: AsyncEngine, watch: Watch = unwatched) -> None:
        self._engine, self._watch = engine, watch
        event.listen(engine.sync_engine, "checkout", _still_open)

    @classmethod
    def connect(cls, settings: DatabaseSettings, watch: Watch = unwatched) -> Self:
        """Return the pool; it opens its first connection when the first one is borrowed."""
        pooled = settings.pooled_by_transaction
        return cls(
            create_async_engine(
                DRIVER,
                creator=_creator(settings, limited=True),
                # Statements are sent by the driver itself. SQLAlchemy's own, of a migration or of the
                # schema's check, have to stay in one transaction behind a pooler.
                isolation_level=None if pooled else "AUTOCOMMIT",
                pool_size=settings.pool_size,
                max_overflow=0,
                pool_timeout=settings.pool_timeout.total_seconds(),
                # A connection that is given back has no open transaction, so it needs no reset.
                pool_reset_on_return=None,
                execution_options={
                    FOR_MIGRATIONS: _creator(settings, limited=False),
                    LIMIT_PROMISED: None if pooled else _milliseconds(settings.statement_timeout),
                },
            ),
            watch,
        )

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator["Connection"]:
        """
        Lend one connection for the length of the block.

        Raises ``ChangedMeanwhile`` for a conflict, and ``StorageUnavailable`` when the database cannot
        be reached or did not answer in time.
        """
        try:
            # The pool itself is asked: a connection of SQLAlchemy's above it costs more than most statements.
            lent = await greenlet_spawn(self._engine.sync_engine.pool.connect)
            driver: Any = lent.driver_connection
            try:
                yield Connection(driver, watch=self._watch)
            finally:
                if driver.is_closed():
                    lent.invalidate()
                lent.close()
        except (EmulatedDBAPIException, SQLAlchemyError, asyncpg.PostgresError) as error:
            raise await self._translated(error) from error
        except (asyncpg.InterfaceError, OSError, TimeoutError) as error:
            # The server went away, and with it every other idle connection.
            await self._engine.dispose()
            raise StorageUnavailable(type(error).__name__) from error

    async def fetch(self, statement: Prepared, **values: object) -> Sequence[Record]:
        """Run one statement by itself and return its rows."""
        async with self.borrow() as connection:
            return await connection.fetch(statement, **values)

    async def read_within(
        self, limit: timedelta, statement: Prepared, **values: object
    ) -> Sequence[Record]:
        """
        Run one statement that only reads, and may run for *limit*, and return its rows.

        Raises ``TimeLimitPassed`` when it took longer, otherwise as ``fetch`` does.
        """
        try:
            async with self.borrow() as connection, connection.transaction(limit=limit):
                return await connection.fetch_within(limit, statement, **values)
        except StorageUnavailable as error:
            if isinstance(error.__cause__, asyncpg.QueryCanceledError | TimeoutError):
                raise TimeLimitPassed(limit) from error
            raise

    async def _translated(self, error: Exception) -> Exception:
        cause = getattr(error, "orig", None) or error
        cause = getattr(cause, "__cause__", None) or cause
        state = getattr(cause, "sqlstate", None)
        if state == GUARD_STATE:
            return ChangedMeanwhile(str(cause))
        if isinstance(cause, asyncpg.UniqueViolationError):
            name = str(cause.constraint_name)
            return ChangedMeanwhile(name) if name in CONTENDED else error
        if isinstance(cause, asyncpg.DeadlockDetectedError | asyncpg.SerializationError):
            return ChangedMeanwhile("a row two units wanted at once")
        if isinstance(
            cause,
            # One statement took too long; this connection and the others can still be used.
            asyncpg.QueryCanceledError
            | asyncpg.LockNotAvailableError
            | asyncpg.InsufficientResourcesError
            # These occur only while connecting: the database accepts no connections, has
            # another name, or has another password.
            | asyncpg.ObjectNotInPrerequisiteStateError
            | asyncpg.InvalidCatalogNameError
            | asyncpg.InvalidAuthorizationSpecificationError
            # No host may be written to: the standby has not taken over yet.
            | asyncpg.TargetServerAttributeNotMatched
            | SQLAlchemyError
            | asyncpg.InterfaceError
            | OSError
            | TimeoutError,
        ):
            return StorageUnavailable(type(cause).__name__)
        if isinstance(cause, asyncpg.PostgresConnectionError | asyncpg.OperatorInterventionError):
            await self._engine.dispose()
            return StorageUnavailable(type(cause).__name__)
        return error


@dataclass(frozen=True, slots=True)
class Connection:
    driver: Any
    watch: Watch = field(default=unwatched, kw_only=True)

    async def fetch(self, statement: Prepared, **values: object) -> Sequence[Record]:
        """Return the rows of *statement*: one round trip once the driver knows it."""
        with self.watch(statement.name):
            rows: Sequence[Record] = await self.driver.fetch(
                statement.sql, *statement.arguments(values)
            )
        return rows

    async def fetch_within(
        self, limit: timedelta, statement: Prepared, **values: object
    ) -> Sequence[Record]:
        """Return the rows of *statement* as ``fetch`` does; the driver waits a little longer than *limit*."""
        with self.watch(statement.name):
            rows: Sequence[Record] = await self.driver.fetch(
                statement.sql,
                *statement.arguments(values),
                timeout=limit.total_seconds() + CLIENT_GRACE_SECONDS,
            )
        return rows

    async def stream(
        self, limit: timedelta, at_a_time: int, statement: Prepared, **values: object
    ) -> AsyncIterator[Record]:
        """Yield the rows of *statement*, *at_a_time* by a round trip, within a transaction."""
        # The driver's own cursor names its statement, and that name outlives the transaction. The driver
        # also keeps the columns of each text that it has sent: a name that comes again may have others.
        seconds = limit.total_seconds() + CLIENT_GRACE_SECONDS
        name = f"streamed_{next(STREAMED)}"
        declared = f"DECLARE {name} NO SCROLL CURSOR FOR {statement.sql}"
        with self.watch(statement.name):
            await self.driver.fetch(declared, *statement.arguments(values), timeout=seconds)
        while rows := await self.driver.fetch(f"FETCH {at_a_time} FROM {name}", timeout=seconds):
            for row in rows:
                yield row
        await self.driver.execute(f"CLOSE {name}")

    @asynccontextmanager
    async def transaction(
        self, *, limit: timedelta | None = None, on_one_snapshot: bool = False
    ) -> AsyncIterator[None]:
        """
        Run the block in one transaction, which is rolled back when the block raises.

        With *limit* it only reads, and each statement may run for so long. *on_one_snapshot* lets
        all its statements see the same rows.
        """
        transaction = self.driver.transaction(
            isolation="repeatable_read" if on_one_snapshot else None, readonly=limit is not None
        )
        async with transaction:
            if limits := getattr(self.driver, "limits", ""):
                await self.driver.execute(limits)
            if limit is not None:
                await self.driver.execute(f"SET LOCAL statement_timeout = {_milliseconds(limit)}")
            yield

    @asynccontextmanager
    async def long_transaction(
        self, limit: timedelta, *, on_one_snapshot: bool = False
    ) -> AsyncIterator[None]:
        """
        Run the block in one transaction that writes much: each statement, and each pause, may last for *limit*.

        Its statements are run by ``fetch_within`` and ``copy``. It is rolled back when the block raises.
        *on_one_snapshot* lets all of them see the same rows.
        """
        span = _milliseconds(limit)
        async with self.transaction(on_one_snapshot=on_one_snapshot):
            await self.driver.execute(
                f"SET LOCAL statement_timeout = {span}; SET LOCAL lock_timeout = {span};"
                f" SET LOCAL idle_in_transaction_session_timeout = {span}; SET LOCAL work_mem = '64MB'"
            )
            yield

    async def copy(
        self,
        limit: timedelta,
        table: str,
        columns: Sequence[str],
        records: Sequence[tuple[object, ...]],
    ) -> None:
        """Add *records* to *table* by the protocol for bulk data, within a transaction."""
        with self.watch(f"copy:{table}"):
            await self.driver.copy_records_to_table(
                table,
                columns=columns,
                records=records,
                timeout=limit.total_seconds() + CLIENT_GRACE_SECONDS,
            )

    async def apply(self, writes: Sequence[Write]) -> None:
        """
        Apply all *writes* or none: in one statement, or in two of one transaction where some are large.

        Raises ``ChangedMeanwhile`` when a guarded one found its row changed.
        """
        large = [each for each in writes if each.limit]
        limit = max((each.limit for each in large if each.limit), default=None)
        if limit is None:
            await self._apply(writes)
            return
        async with self.long_transaction(limit):
            # How many rows there are is not known before: unless they are few, they are not joined one by one.
            few = all(each.few for each in large)
            for allowed, part in (
                ("on" if few else "off", large),
                ("on", [each for each in writes if not each.limit]),
            ):
                await self.driver.execute(f"SET LOCAL enable_nestloop = {allowed}")
                await self._apply(part, timeout=limit.total_seconds() + CLIENT_GRACE_SECONDS)

    async def _apply(self, writes: Sequence[Write], **limits: float) -> None:
        if not writes:
            return
        sql, arguments = one_statement(writes)
        # Units of one kind begin with the same write; a name of all would be one for each mixture.
        with self.watch(f"unit:{writes[0].statement.name}"):
            await self.driver.fetch(sql, *arguments, **limits)

    async def apply_many(
        self, statement: Prepared, rows: Sequence[Mapping[str, object]], also: Sequence[Write]
    ) -> None:
        """Run *statement* for each of *rows*, and the writes *also*, in one transaction of many round trips."""
        async with self.transaction():
            with self.watch(statement.name):
                await self.driver.executemany(
                    statement.sql, [statement.arguments(values) for values in rows]
                )
            await self.apply(also)


def _creator(settings: DatabaseSettings, *, limited: bool) -> Callable[[], Any]:
    """
    Return what makes one connection as SQLAlchemy keeps it. The driver itself reads the address.

    So libpq's words for TLS and for several hosts mean what they mean everywhere.
    """
    in_turn = HostsInTurn(hosts_of(settings.url))
    limits = _limits(settings) if limited else {}
    in_time = settings.connect_timeout.total_seconds() / max(len(in_turn.hosts), 1)
    options: dict[str, Any] = {"timeout": in_time}
    if limited:
        options["command_timeout"] = (
            settings.statement_timeout.total_seconds() + CLIENT_GRACE_SECONDS
        )
    if settings.pooled_by_transaction:
        words = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in limits.items())
        options["connection_class"] = pooled_by(words)
        options["statement_cache_size"] = 0
        limits = {}
    told = {"application_name": settings.application_name, **limits}

    async def connected() -> Any:
        if not in_turn.hosts:
            return await asyncpg.connect(settings.url, server_settings=told, **options)
        return await in_turn.connect(
            lambda host: asyncpg.connect(
                settings.url, host=host.name, port=host.port, server_settings=told, **options
            )
        )

    kept = {"prepared_statement_cache_size": 0} if settings.pooled_by_transaction else {}
    driver = dialect.import_dbapi()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    return partial(driver.connect, async_creator_fn=connected, **kept)


def _limits(settings: DatabaseSettings) -> dict[str, str]:
    return {
        "statement_timeout": _milliseconds(settings.statement_timeout),
        "lock_timeout": _milliseconds(settings.lock_timeout),
        "idle_in_transaction_session_timeout": _milliseconds(settings.statement_timeout),
        "timezone": "UTC",
    }


def _still_open(pooled: Any, _record: object, _borrower: object) -> None:
    """Keep the pool from lending a connection that the server has closed; the check needs no round trip."""
    if pooled.driver_connection.is_closed():
        raise InvalidatePoolError


def _milliseconds(span: timedelta) -> str:
    return str(round(span.total_seconds() * 1000))
