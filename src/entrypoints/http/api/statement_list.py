"""The bank statements that were brought, listed for finance."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from litestar import get
from litestar.params import QueryParameter

from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api import settlement_examples as examples
from entrypoints.http.api.cursor import read_text_cursor, write_text_cursor
from entrypoints.http.api.payment import PAGE_MAX, PAGE_USUAL
from entrypoints.http.api.settlement_wire import StatementListed, StatementPage
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, answers
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import opened_to
from entrypoints.http.security.rate_limits import Budget
from ports.file_store import FileHash
from ports.settlements.bank_statements import StoredStatement

SEPARATOR: Final = "/"


@get(
    "/bank-statements",
    opt=opened_to(Permission.IMPORT_SETTLEMENTS, Budget.STAFF),
    security=SIGNED_IN,
    summary="Bank statements",
    operation_id="list_bank_statements",
    responses=answers(
        HTTPStatus.OK,
        StatementPage,
        examples.STATEMENT_PAGE,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        *ALWAYS,
    ),
)
async def bank_statements(
    deps: Deps,
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=PAGE_MAX, description="Most items.")
    ] = PAGE_USUAL,
) -> StatementPage:
    """Return the statements that were brought, held ones included, the latest first, page by page."""
    before = None if cursor is None else read_place(cursor)
    found = await deps.settlements.statements.page(before=before, at_most=limit + 1)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return StatementPage(
        items=[StatementListed.with_file(each) for each in shown],
        next=None if last is None else write_place(last),
    )


def write_place(statement: StoredStatement) -> str:
    """Return the place of *statement* in the list as a text."""
    return write_text_cursor(statement.received_at, f"{statement.file}{SEPARATOR}{statement.place}")


def read_place(cursor: str) -> tuple[datetime, FileHash, int]:
    """Return the place that was written as *cursor*, or raise ``HttpProblem``."""
    received_at, key = read_text_cursor(cursor)
    file, _, place = key.partition(SEPARATOR)
    if not (place.isascii() and place.isdecimal() and len(place) < len(str(PAGE_MAX)) + 2):
        raise HttpProblem(problem_types.CURSOR_INVALID)
    return received_at, FileHash(file), int(place)
