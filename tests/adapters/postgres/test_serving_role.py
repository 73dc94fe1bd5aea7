"""The role that serves can do all that this release does, and changes nothing that is only ever added to."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.postgres import roles, schema
from adapters.postgres.all_tables import metadata
from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.privacy.personal_records import PostgresPersonalRecords
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from conftest import run_sql
from contracts.privacy.personal_records_contract import LATER, STUDENT, a_lapsed, an_act
from contracts.storage import BY_MIRA
from domain.privacy.erasure import plan_erasure
from entrypoints.cli import doctor
from entrypoints.cli.main import main
from entrypoints.operations.schema import migrate
from entrypoints.settings.settings import VARIABLES, Environment
from fakes.samples import RAVI
from ports.audit_log import AuditEntry
from ports.privacy.personal_records import ErasedCounts
from samples.released.statements import statements
from worlds.settings import settings_with

# ruff: noqa: S608 - these texts hold only constants of this code
ROLE: Final = "shulk serving"
EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}
OWNER: Final = "shulk"
PASSWORD: Final = "of a test"
MAKE: Final = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        CREATE ROLE "{ROLE}" LOGIN PASSWORD '{PASSWORD}';
    END IF;
END $$
"""
REFUSED: Final = asyncpg.InsufficientPrivilegeError
PLANNED: Final = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"})
OF_ONE_TRANSACTION: Final = frozenset(
    {"staged_line", "told_again", "left_line", "compared_line", "issued"}
)
"""Tables that stand for as long as a transaction, or a statement, and belong to whoever makes them."""

LINES: Final = """
SELECT actor, action, facts ->> 'from' AS "from", facts ->> 'to' AS "to" FROM audit_log
WHERE subject = 'schema' ORDER BY id
"""
DELETES: Final = re.compile(r"\bDELETE FROM (\w+)")


def as_serving(url: str) -> str:
    parts = urlsplit(url)
    quoted = ROLE.replace(" ", "%20"), PASSWORD.replace(" ", "%20")
    return urlunsplit(
        parts._replace(netloc=f"{quoted[0]}:{quoted[1]}@{parts.hostname}:{parts.port}")
    )


@pytest_asyncio.fixture
async def serving_url(database_url: str, database: Database) -> str:
    """The database of the test, as the role that serves."""
    await run_sql(database_url, MAKE)
    await roles.apply_grants(database.engine, ROLE)
    return as_serving(database_url)


@pytest_asyncio.fixture
async def serving(serving_url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(serving_url)
    yield connection
    await connection.close()


def of_ravi(entry: AuditEntry) -> AuditEntry:
    return replace(entry, origin=replace(entry.origin, actor=f"student:{RAVI.id}"))


def planned() -> Iterator[str]:
    """Walk the statements of this release that a plan is made for."""
    for sql in statements().values():
        if sql.split(maxsplit=1)[0].upper() in PLANNED:
            yield sql


async def test_it_may_run_every_statement(serving: "asyncpg.Connection[Any]") -> None:
    """
    What a plan is made for is checked for rights: each statement of ours is planned, and none is refused.
    """
    refused, unknown = {}, set()
    for sql in planned():
        try:
            await serving.execute(f"EXPLAIN (GENERIC_PLAN) {sql}")
        except REFUSED as error:
            refused[sql] = str(error)
        except asyncpg.UndefinedTableError as error:
            unknown.add(str(error).split('"')[1])

    assert len(list(planned())) > 200
    assert not refused
    assert unknown <= OF_ONE_TRANSACTION


def test_it_deletes_only_what_this_release_deletes() -> None:
    """
    A right to delete that no statement needs is taken away again.
    """
    deleted = {table for sql in statements().values() for table in DELETES.findall(sql)}

    assert deleted - OF_ONE_TRANSACTION == set(roles.DELETED_FROM)


async def test_what_is_added_stays(serving: "asyncpg.Connection[Any]") -> None:
    """
    Neither changed, deleted nor emptied, not without its triggers, and not by tables of its own.
    """
    attempts = [
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET session_replication_role = replica",
        f'ALTER ROLE "{ROLE}" SUPERUSER',
        f'SET ROLE "{OWNER}"',
        "DELETE FROM tax_document",
        "DELETE FROM payment",
        "UPDATE alembic_version SET version_num = '0001'",
        "DROP FUNCTION shulk_refuse() CASCADE",
    ]
    for table in roles.ONLY_ADDED:
        column = next(iter(metadata.tables[table].columns)).name
        attempts += [
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"DROP TABLE {table} CASCADE",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
            f"CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION shulk_refuse()",
        ]
    for each in attempts:
        with pytest.raises(REFUSED):
            await serving.execute(f"BEGIN; {each}; COMMIT")
        await serving.execute("ROLLBACK")


async def test_it_erases_old_addresses_of_one_student(
    serving_url: str, database_url: str, database: Database
) -> None:
    """
    By the function of the owner, with all else of an erasure: not those of the last year, whatever it says the time is.
    """
    mine, other, now = a_lapsed(1), a_lapsed(2, RAVI), datetime.now(UTC)
    recent = replace(an_act(mine.id), at=now - timedelta(days=300))
    async with PostgresUnitOfWork(database)() as work:
        for payment in (mine, other):
            work.payments.repository.add(payment)
        for entry in (an_act(mine.id), recent, of_ravi(an_act(other.id))):
            work.audit.add(entry)
    served = Database.connect(DatabaseSettings(url=serving_url))
    records = PostgresPersonalRecords(served)
    try:
        await records.hold(other.id, BY_MIRA)
        await records.release(other.id, BY_MIRA)
        plan = plan_erasure(STUDENT, await records.payments_of(STUDENT), LATER)
        counts = await records.erase(replace(plan, before=now), lambda _: BY_MIRA)
        addresses = {
            student: [each.ip for each in (await records.everything_of(student)).facts]
            for student in (STUDENT, RAVI.id)
        }
    finally:
        await served.close()

    assert counts == ErasedCounts(contact=1, names=1, sessions=0, addresses=1)
    assert addresses == {STUDENT: ["", "192.0.2.7"], RAVI.id: ["192.0.2.7"]}


async def test_nobody_else_may_call_the_functions_of_the_owner(
    serving: "asyncpg.Connection[Any]", database_url: str
) -> None:
    """
    Not before the rights are given, and not after they are taken away.
    """
    for function in roles.CALLED:
        await run_sql(database_url, f'REVOKE EXECUTE ON FUNCTION {function} FROM "{ROLE}"')
    with pytest.raises(REFUSED):
        await serving.execute("SELECT shulk_erase_addresses('asha', now())")


async def test_whoever_may_more_is_told(
    serving_url: str, database_url: str, database: Database
) -> None:
    """
    The owner, a superuser here, may all; the role that serves no more than that, until somebody gives it more.
    """
    served = Database.connect(DatabaseSettings(url=serving_url))
    try:
        assert not await roles.excess_rights(served.engine)
        owner = await roles.excess_rights(database.engine)
        assert owner[:2] == ["is a superuser", "may create tables"]
        assert "owns audit_log" in owner
        await run_sql(database_url, f'GRANT UPDATE (facts) ON audit_log TO "{ROLE}"')
        await run_sql(database_url, f'GRANT DELETE ON entry TO "{ROLE}"')
        assert await roles.excess_rights(served.engine) == [
            "may change audit_log",
            "may change entry",
        ]
        await roles.apply_grants(database.engine, ROLE)
        assert not await roles.excess_rights(served.engine)
    finally:
        await served.close()


async def test_only_another_role_that_is_there_may_serve(database: Database) -> None:
    """
    Whoever sets it up is told what is missing, and nothing is changed.
    """
    for role, says in ((OWNER, "owns the tables"), ("nobody here", 'CREATE ROLE "nobody here"')):
        with pytest.raises(roles.RoleUnknown, match=says):
            await roles.apply_grants(database.engine, role)


def test_a_migration_gives_the_rights(database_url: str) -> None:
    """
    The command works as the owner, and the doctor finds that another one serves; with one role it warns.
    """
    asyncio.run(run_sql(database_url, MAKE))
    one = settings_with(database_url=database_url)
    two = settings_with(database_url=as_serving(database_url), migration_database_url=database_url)

    assert "both serves and is a superuser" in asyncio.run(doctor._roles(one))
    with pytest.raises(doctor.Unwell, match="SHULK_MIGRATION_DATABASE_URL"):
        asyncio.run(doctor._roles(replace(one, environment=Environment.PRODUCTION)))
    assert migrate(two) == schema.revisions()[-1]
    assert asyncio.run(doctor._roles(two)).startswith(f"{ROLE} serves, and changes nothing")


def test_the_rights_are_shown_or_given(database_url: str) -> None:
    """
    Printed for an owner who gives them by hand, or given as the owner; nobody is given any who is not there.
    """
    asyncio.run(run_sql(database_url, MAKE))
    environ = EXAMPLE | {"SHULK_DATABASE_URL": as_serving(database_url)}

    def shulk(*words: str, **more: str) -> Result:
        return CliRunner().invoke(main, ["database", "roles", *words], env=environ | more)

    shown = shulk()
    assert f'GRANT SELECT, INSERT ON "audit_log" TO "{ROLE}";' in shown.stdout.splitlines()
    assert shulk("--apply").exit_code == 1
    given = shulk("--apply", SHULK_MIGRATION_DATABASE_URL=database_url)
    assert (given.exit_code, given.stdout) == (0, f"{ROLE} may serve\n"), given.output
    nobody = as_serving(database_url).replace("serving", "nobody")
    refused = shulk("--apply", SHULK_DATABASE_URL=nobody, SHULK_MIGRATION_DATABASE_URL=database_url)
    assert "CREATE ROLE" in refused.output


async def test_each_step_of_the_schema_is_a_line(empty: Database, empty_url: str) -> None:
    """
    Which way, from where to where, and as whom: written with the step itself.
    """
    known = schema.revisions()
    await schema.upgrade(empty.engine, known[-2])
    await schema.upgrade(empty.engine)
    await schema.downgrade(empty.engine, known[-2])
    connection = await asyncpg.connect(empty_url)
    rows = await connection.fetch(LINES)
    await connection.close()

    told = [(row["action"], row["from"], row["to"]) for row in rows]
    assert told == [
        ("schema.upgraded", "", known[-2]),
        ("schema.upgraded", known[-2], known[-1]),
        ("schema.downgraded", known[-1], known[-2]),
    ]
    assert {row["actor"] for row in rows} == {f"database:{OWNER}"}
