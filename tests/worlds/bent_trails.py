"""A sealed trail bent by its database's owner at random, and rolled back each time."""

# ruff: noqa: S608, ISC004 - these texts hold only our own words, and each is one manipulation

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.postgres.audit.sealed_log import PostgresSealedLog
from adapters.postgres.engine.database import Connection, Database, DatabaseSettings
from application.audit.verify_trail import VerifyTrail
from domain.audit.trail import TrailBroken
from fakes.audit.sealing import CHECK_NOTE, seal
from ports.audit.sealed_log import SealState

BATCHES: Final = 4
LINES_OF_A_BATCH: Final = 3
LINES: Final = BATCHES * LINES_OF_A_BATCH
WRITE: Final = """
    INSERT INTO audit_log (at, actor, source, action, subject, from_state, to_state, ip, user_agent,
                           correlation_id, facts)
    SELECT '2026-10-13T09:00:00Z', 'bank', 'poll', 'a', 'SK' || n, 'pending', 'success', '192.0.2.' || n, 'curl',
           'c', jsonb_build_object('n', n::text, 'tx', pg_current_xact_id()::text) FROM generate_series(1, 3) n
"""
TEXTS: Final = (
    "actor", "source", "action", "subject", "from_state", "to_state", "ip", "user_agent", "correlation_id"
)  # fmt: skip
TABLES: Final = ("audit_log", "audit_leaf", "audit_origin", "audit_checkpoint")
SECONDS_MAX: Final = 30
NTH: Final = "(SELECT audit_id FROM audit_leaf WHERE leaf_index = {})"

line_numbers: Final = st.integers(0, LINES - 1)
"""Indices of lines."""


@st.composite
def manipulations(draw: st.DrawFn) -> str:
    """Return statements of SQL that change what is sealed."""
    line = draw(line_numbers)
    other = draw(line_numbers.filter(lambda each: each != line))
    one, two = NTH.format(line), NTH.format(other)
    text = draw(st.text("abcxyz", min_size=1, max_size=8))
    changed = draw(st.sampled_from(TEXTS))
    return draw(
        st.sampled_from(
            (
                f"UPDATE audit_log SET {changed} = {changed} || '{text}' WHERE id = {one}",
                f"UPDATE audit_log SET at = at + interval '{line + 1} microseconds' WHERE id = {one}",
                f"UPDATE audit_log SET facts = jsonb_set(facts, '{{n}}', '{line}') WHERE id = {one}",
                f'UPDATE audit_log SET facts = facts || \'{{"{text}": ""}}\' WHERE id = {one}',
                f"UPDATE audit_log SET facts = '[]' WHERE id = {one}",
                f"DELETE FROM audit_log WHERE id = {one}",
                f"DELETE FROM audit_leaf WHERE leaf_index = {line}",
                f"DELETE FROM audit_log WHERE id = {one};"
                f"DELETE FROM audit_leaf WHERE leaf_index = {line};"
                f"UPDATE audit_leaf SET leaf_index = leaf_index - 1 - {LINES} WHERE leaf_index > {line};"
                f"UPDATE audit_leaf SET leaf_index = leaf_index + {LINES} WHERE leaf_index < 0",
                f"DELETE FROM audit_origin WHERE audit_id = {one}",
                f"UPDATE audit_origin SET salt = substr(sha256('{text}'), 1, 16) WHERE audit_id = {one}",
                f"UPDATE audit_leaf SET leaf_sha256 = sha256('{text}') WHERE leaf_index = {line}",
                f"UPDATE audit_leaf SET audit_id = -{two} WHERE leaf_index = {line}",
                f"UPDATE audit_leaf SET leaf_index = -1 WHERE leaf_index = {line};"
                f"UPDATE audit_leaf SET leaf_index = {line} WHERE leaf_index = {other};"
                f"UPDATE audit_leaf SET leaf_index = {other} WHERE leaf_index = -1",
                f"UPDATE audit_log SET id = -1 WHERE id = {one};"
                f"UPDATE audit_log SET id = {one} WHERE id = {two};"
                f"UPDATE audit_log SET id = {two} WHERE id = -1",
                # An entry among those that are sealed, and a leaf for it or none.
                f"INSERT INTO audit_log (id, at, actor, source, action, subject, ip, user_agent, correlation_id,"
                f" facts, tx) OVERRIDING SYSTEM VALUE SELECT -1, at, '{text}', source, action, subject, ip,"
                f" user_agent, correlation_id, facts, tx FROM audit_log WHERE id = {one}",
                f"INSERT INTO audit_leaf SELECT {LINES}, -1, leaf_sha256, origin_sha256 FROM audit_leaf"
                f" WHERE leaf_index = {line}",
                f"UPDATE audit_checkpoint SET note = replace(note, 'shulk', '{text}') WHERE size > {line}",
                f"UPDATE audit_checkpoint SET size = size + {LINES} WHERE size = {line // 3 * 3 + 3}",
                f"DELETE FROM audit_checkpoint WHERE size >= {line // 3 * 3 + 3}",
                # All lines are left, and a checkpoint between two others is not.
                f"DELETE FROM audit_checkpoint WHERE size = {min(line // 3 * 3 + 3, LINES - 3)}",
                # The tail is cut off at a checkpoint, with all that belongs to it; and nothing is left.
                f"DELETE FROM audit_checkpoint WHERE size > {line // 3 * 3};"
                f"DELETE FROM audit_log WHERE id IN (SELECT audit_id FROM audit_leaf"
                f" WHERE leaf_index >= {line // 3 * 3}); DELETE FROM audit_leaf WHERE leaf_index >= {line // 3 * 3}",
                "TRUNCATE audit_log, audit_leaf, audit_origin, audit_checkpoint",
                "TRUNCATE audit_log",
                "TRUNCATE audit_leaf",
            )
        )
    )


@st.composite
def lawful_changes(draw: st.DrawFn) -> str:
    """Return statements of SQL that leave what is sealed as it is."""
    one = NTH.format(draw(line_numbers))
    return draw(
        st.sampled_from(
            (
                f"UPDATE audit_log SET ip = '', user_agent = '' WHERE id = {one};"
                f"DELETE FROM audit_origin WHERE audit_id = {one}",
                WRITE,
            )
        )
    )


class WithinOne(Connection):
    """A connection whose transactions are parts of the one that is rolled back."""

    @asynccontextmanager
    async def transaction(self, **_: Any) -> AsyncIterator[None]:
        yield


class Rolled(Database):
    """One connection for all, so that what is read is within the transaction that is rolled back."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Connection]:
        yield self.connection


@dataclass(frozen=True, slots=True)
class SealedTrail:
    """A sealed trail, its anchors, and a dump of it as it was at each checkpoint."""

    log: PostgresSealedLog
    driver: Any
    anchors: Sequence[str]
    dumps: Sequence[Mapping[str, str]]

    @classmethod
    async def on(cls, connection: Connection) -> "SealedTrail":
        log = PostgresSealedLog(Rolled(WithinOne(connection.driver)))
        anchors, dumps = list[str](), list[Mapping[str, str]]()
        for _ in range(BATCHES):
            await connection.driver.execute(WRITE)
            assert await seal(log)() == LINES_OF_A_BATCH
            state: SealState = await log.state()
            anchors.append(state.note)
            dumps.append({each: await _dump(connection.driver, each) for each in TABLES})
        return cls(log, connection.driver, anchors, dumps)

    @asynccontextmanager
    async def bent(self, sql: str) -> AsyncIterator[None]:
        """Let the owner do *sql*, triggers off, for the length of the block."""
        transaction = self.driver.transaction()
        await transaction.start()
        try:
            await self.driver.execute(f"SET LOCAL session_replication_role = replica; {sql}")
            yield
        finally:
            await transaction.rollback()

    def replay(self, number: int) -> str:
        """Return what puts an older dump in the place of all."""
        return "TRUNCATE audit_log, audit_leaf, audit_origin, audit_checkpoint;" + ";".join(
            f"INSERT INTO {table} OVERRIDING SYSTEM VALUE"
            f" SELECT * FROM json_populate_recordset(NULL::{table}, $dump${rows}$dump$)"
            for table, rows in self.dumps[number].items()
        )

    async def verify(self) -> int:
        return (await VerifyTrail(self.log, CHECK_NOTE)(self.anchors[-1:])).size


async def _dump(driver: Any, table: str) -> str:
    rows = await driver.fetchval(f"SELECT json_agg(t) FROM {table} t")
    return rows if isinstance(rows, str) else json.dumps(rows)


async def bend(url: str, examples: int) -> None:
    """Bend a trail in the database at *url* so often, and change it lawfully as often; what goes unseen is raised."""
    database = Database.connect(DatabaseSettings(url=url, pool_size=1))
    async with database.borrow() as connection:
        trail = await SealedTrail.on(connection)
        loop = asyncio.get_running_loop()

        async def find(sql: str) -> None:
            async with trail.bent(sql):
                with pytest.raises(TrailBroken):
                    await trail.verify()

        async def pass_over(sql: str) -> None:
            async with trail.bent(sql):
                assert await trail.verify() == LINES

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(
            bent=st.one_of(
                manipulations(),
                st.integers(0, BATCHES - 2).map(trail.replay),
            ),
            lawful=lawful_changes(),
        )
        def each(bent: str, lawful: str) -> None:
            for part in (find(bent), pass_over(lawful)):
                asyncio.run_coroutine_threadsafe(part, loop).result(SECONDS_MAX)

        await asyncio.to_thread(each)
    await database.close()
