"""What the database refuses by itself about tax documents, should our own code ever ask for it."""

from collections.abc import AsyncIterator
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from adapters.postgres.engine.database import Database, DatabaseSettings
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from conftest import TEMPLATE, run_sql, with_database
from contracts.documents.document_files_contract import FIRST, SECOND_COPY
from contracts.storage import SECOND
from domain.documents.invoicing import credit_for, invoice_for
from domain.documents.tax_document import Cancellation
from fakes.clock import NOON
from fakes.documents.issued import POLICY, a_company, paid_back, sold
from fakes.samples import payment_id

NAME: Final = "shulk_register"
COPIED: Final = (
    "gstin",
    "series",
    "financial_year",
    "sequence",
    "number",
    "kind",
    "document_date",
    "issued_at",
    "payment_id",
    "refund_id",
    "original_number",
    "ordinal",
    "place_code",
    "sac",
    "gst_rate",
    "taxable_paise",
    "cgst_paise",
    "sgst_paise",
    "igst_paise",
    "snapshot",
    "sha256",
    "state",
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def register_url(postgres_server: str, migrated_template: str) -> AsyncIterator[str]:
    """The URL of a register with a filed invoice, a note against it, and a void invoice in it."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    url = with_database(postgres_server, NAME)
    database = Database.connect(DatabaseSettings(url=url))
    await fill(PostgresUnitOfWork(database))
    await database.close()
    yield url
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


async def fill(unit_of_work: PostgresUnitOfWork) -> None:
    company = a_company()
    for number in (1, 2):
        async with unit_of_work() as work:
            work.documents.register.issue(invoice_for(sold(number), company, POLICY, NOON))
    async with unit_of_work() as work:
        (first,) = await work.documents.register.of_payment(payment_id(1))
        note = credit_for(
            first.document, [], paid_back("5900.00"), company=company, policy=POLICY, at=NOON
        )
        work.documents.register.issue(note)
        for each in (FIRST, SECOND_COPY):
            work.documents.filings.add(first.document, each)
    async with unit_of_work() as work:
        (second,) = await work.documents.register.of_payment(payment_id(2))
        work.documents.register.cancel(
            second.document, Cancellation(at=NOON + SECOND, why="a slip")
        )


@pytest_asyncio.fixture
async def driver(register_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose doings are undone."""
    connection = await asyncpg.connect(register_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


def another(**changed: str) -> str:
    """Return SQL that copies the first invoice, or with a refund the note, as *changed*."""
    given = {
        "sequence": "9",
        "number": "left(number, 9) || '0000009'",
        "payment_id": "'SK-other'",
        "snapshot": "replace(snapshot, number, left(number, 9) || '0000009')",
        **changed,
    }
    given.setdefault("sha256", f"encode(sha256(convert_to({given['snapshot']}, 'UTF8')), 'hex')")
    series = "CRN" if "refund_id" in changed else "INV"
    values = ", ".join(given.get(name, name) for name in COPIED)
    return (
        f"INSERT INTO tax_document ({', '.join(COPIED)}) SELECT {values} FROM tax_document"  # noqa: S608  # ours
        f" WHERE number = '{series}/2627/0000001'"
    )


def filed(**changed: str) -> str:
    """Return SQL that files the invoice's original once more, as *changed*."""
    given = {
        "gstin": "gstin",
        "number": "number",
        "copy": "copy",
        "ordinal": "ordinal + 1",
        "sha256": "repeat('b', 64)",
        "size_bytes": "size_bytes",
        "void": "void",
        "release": "release",
        "filed_at": "filed_at",
        **changed,
    }
    return (
        f"INSERT INTO document_file ({', '.join(given)}) SELECT {', '.join(given.values())}"  # noqa: S608  # ours
        " FROM document_file WHERE copy = 'original'"
    )


STAYS: Final = "what was filed stays on record"
NOTE: Final = {"payment_id": "payment_id", "refund_id": "'RF9'", "ordinal": "2"}
CHANGED: Final = "an issued document is never changed"
REFUSED: Final = {
    "a changed snapshot": ("UPDATE tax_document SET snapshot = snapshot || ' '", CHANGED),
    "a changed amount": ("UPDATE tax_document SET taxable_paise = taxable_paise + 1", CHANGED),
    "a changed amount, under cover of voiding": (
        "UPDATE tax_document SET sac = '', state = 'cancelled', cancelled_at = now() WHERE ordinal = 1",
        CHANGED,
    ),
    "a void document revived": (
        "UPDATE tax_document SET state = 'issued', cancelled_at = NULL WHERE state = 'cancelled'",
        CHANGED,
    ),
    "a void document explained anew": (
        "UPDATE tax_document SET cancelled_why = 'x' WHERE state = 'cancelled'",
        CHANGED,
    ),
    "an invoice voided under its note": (
        "UPDATE tax_document SET state = 'cancelled', cancelled_at = now() WHERE ordinal IS NULL",
        "a document with notes against it is not cancelled",
    ),
    "voided without saying when": (
        "UPDATE tax_document SET state = 'cancelled' WHERE refund_id IS NOT NULL",
        "ck_tax_document_cancelled",
    ),
    "a document taken out": ("DELETE FROM tax_document", "never taken out"),
    "an emptied register": ("TRUNCATE tax_document CASCADE", "never taken out"),
    "a number skipped": ("UPDATE document_number SET last = last + 2", "given one by one"),
    "a number given again": ("UPDATE document_number SET last = last - 1", "given one by one"),
    "a series renamed": ("UPDATE document_number SET series = 'XXX'", "given one by one"),
    "a series begun in the middle": (
        "INSERT INTO document_number VALUES ('x', 'INV', 2026, 2)",
        "a series begins at one",
    ),
    "a series begun anew": ("DELETE FROM document_number", "never begun anew"),
    "all series begun anew": ("TRUNCATE document_number", "never begun anew"),
    "a second invoice": (another(payment_id="payment_id"), "tax_document_one_invoice"),
    "a number twice": (
        another(number="number", sequence="sequence", snapshot="snapshot || ' '"),
        "tax_document_number_once",
    ),
    "a number beside its sequence": (another(sequence="8"), "ck_tax_document_sequence"),
    "a number the portals refuse": (
        another(number="lower(left(number, 9)) || '0000009'"),
        "ck_tax_document_number",
    ),
    "a snapshot of another number": (
        another(snapshot="snapshot || ' '"),
        "ck_tax_document_own_number",
    ),
    "a hash of another text": (another(sha256="repeat('0', 64)"), "ck_tax_document_hash"),
    "unequal halves": (another(cgst_paise="cgst_paise + 1"), "ck_tax_document_heads"),
    "a negative head": (another(igst_paise="-1"), "ck_tax_document_heads"),
    "an unheard-of kind": (another(kind="'receipt'"), "ck_tax_document_kind"),
    "an unheard-of state": (another(state="'draft'"), "ck_tax_document_state"),
    "a taxed bill of supply": (another(kind="'bill_of_supply'"), "ck_tax_document_untaxed"),
    "a note without an original": (another(kind="'credit_note'"), "ck_tax_document_note"),
    "a note above its invoice": (another(**NOTE, taxable_paise="500001"), "pass what it charged"),
    "a note of the invoice's tax": (
        another(**NOTE, taxable_paise="1", cgst_paise="45001", sgst_paise="45001"),
        "pass what it charged",
    ),
    "a second note for a refund": (
        another(**{**NOTE, "refund_id": "refund_id"}),
        "tax_document_one_note",
    ),
    "a note in another's place": (
        another(**{**NOTE, "ordinal": "ordinal"}),
        "tax_document_note_order",
    ),
    "a note against a void invoice": (
        another(**NOTE, original_number="'INV/2627/0000002'"),
        "refers to an issued document",
    ),
    "a note about another payment": (
        another(**{**NOTE, "payment_id": "'SK-other'"}),
        "refers to an issued document",
    ),
    "a changed hash": ("UPDATE document_file SET sha256 = repeat('b', 64)", STAYS),
    "a filing taken out": ("DELETE FROM document_file", STAYS),
    "all filings taken out": ("TRUNCATE document_file", STAYS),
    "a second hash for a copy": (filed(ordinal="ordinal"), "document_file_pkey"),
    "a filing left out": (filed(ordinal="ordinal + 2"), "filed one by one"),
    "a filing before the first": (filed(ordinal="0"), "ck_document_file_ordinal"),
    "the same file filed again": (filed(sha256="sha256"), "the same file is not filed again"),
    "a valid document filed as void": (filed(void="true"), "is not cancelled"),
    "a third copy": (filed(copy="'triplicate'", ordinal="1"), "ck_document_file_copy"),
    "a hash that is none": (filed(sha256="repeat('B', 64)"), "ck_document_file_sha256"),
    "an empty file": (filed(size_bytes="0"), "ck_document_file_size"),
    "a file of no document": (
        filed(number="'INV/2627/0000009'", ordinal="1"),
        "document_file_document",
    ),
    "a note against a note": (
        another(**NOTE, original_number="number"),
        "refers to an issued document",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_the_register_refuses(driver: asyncpg.Connection, what: str) -> None:
    """
    Whatever our own code comes to: a document that stands up to an audit cannot be bent.
    """
    sql, expected = REFUSED[what]

    with pytest.raises(asyncpg.PostgresError) as refusal:
        await driver.execute(sql)

    said = refusal.value
    assert expected in (getattr(said, "constraint_name", None) or "") or expected in str(said)


@pytest.mark.parametrize("sql", [another(), another(**NOTE)])
async def test_the_register_takes_what_is_right(driver: asyncpg.Connection, sql: str) -> None:
    """
    So that each refusal above is for the one thing that was bent.
    """
    assert await driver.execute(sql) == "INSERT 0 1"


async def test_a_series_ends_before_its_numbers_grow_too_long(driver: asyncpg.Connection) -> None:
    """
    Ten million documents a year and series are refused, not numbered with 17 characters.
    """
    await driver.execute("SET LOCAL session_replication_role = replica")
    await driver.execute("UPDATE document_number SET last = 9999999")
    await driver.execute("SET LOCAL session_replication_role = origin")

    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await driver.execute("UPDATE document_number SET last = last + 1")

    assert refusal.value.constraint_name == "ck_document_number_last"
