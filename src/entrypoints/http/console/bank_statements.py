"""The console's bank statements: listed with what was new in them, one more shown first and then imported."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.settlements.preview_file import hash_of
from domain.errors import DomainError
from entrypoints.http.api.settlement_wire import StatementListed, StatementsShown
from entrypoints.http.api.settlements import FORM_FAULTS, UPLOAD_BYTES_MAX, check_previewed
from entrypoints.http.api.statement_list import read_place, write_place
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import STATEMENT_PREVIEW, STATEMENTS
from entrypoints.http.console.uploads import Upload, told_of, typed
from entrypoints.http.console.words import plain_words
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

SHOWN: Final = 20
By = Request[Caller, Any, Any]


@get(STATEMENTS, opt=opened("GET", STATEMENTS), include_in_schema=False)
async def bank_statements(request: By, deps: Deps) -> Response[Any]:
    """Show a page of statements, the latest first, and the form that brings one more."""
    return await _listed(request, deps)


@post(
    STATEMENT_PREVIEW,
    status_code=HTTPStatus.OK,
    request_max_body_size=UPLOAD_BYTES_MAX,
    exception_handlers=FORM_FAULTS,
    opt=opened("POST", STATEMENT_PREVIEW, upload=True),
    include_in_schema=False,
)
async def preview_bank_statement(request: By, deps: Deps) -> Response[Any]:
    """Show how the statement is read; nothing of it is kept."""
    try:
        upload = await Upload.of(request)
        content = await upload.file.read()
        digest, report = await deps.settlements.preview.of_statement(
            upload.name, content, preset=upload.named("preset")
        )
    except (HttpProblem, DomainError) as refusal:
        return await _listed(request, deps, await typed(request), fault=told_of(refusal))
    return console_page(
        request,
        "statement_check.html",
        shown=StatementsShown.preview(digest, upload.name, report),
        report=report,
        fields=upload.fields,
        plain_words=plain_words,
    )


@post(
    STATEMENTS,
    status_code=HTTPStatus.OK,
    request_max_body_size=UPLOAD_BYTES_MAX,
    exception_handlers=FORM_FAULTS,
    opt=opened("POST", STATEMENTS, upload=True),
    include_in_schema=False,
)
async def import_bank_statement(request: By, deps: Deps) -> Response[Any]:
    """Import the very statement that was shown; each entry is kept once. Lead to the list."""
    try:
        upload = await Upload.of(request)
        content = await upload.file.read()
        check_previewed(hash_of(content), upload.fields["sha256"])
        await deps.settlements.import_statement(
            upload.name,
            content,
            origin_of_request(request, Source.ADMIN),
            preset=upload.named("preset"),
            account=upload.named("account"),
        )
    except (HttpProblem, DomainError) as refusal:
        return await _listed(request, deps, await typed(request), fault=told_of(refusal))
    return Redirect(f"{STATEMENTS}#statements", status_code=HTTP_303_SEE_OTHER)


async def _listed(
    request: By, deps: Dependencies, fields: Mapping[str, str] | None = None, *, fault: str = ""
) -> Response[Any]:
    cursor = request.query_params.get("cursor")
    found = await deps.settlements.statements.page(
        before=read_place(cursor) if cursor else None, at_most=SHOWN + 1
    )
    shown = found[:SHOWN]
    older = None
    if len(found) > SHOWN:
        older = f"{STATEMENTS}?{urlencode({'cursor': write_place(shown[-1])})}"
    return console_page(
        request,
        "bank_statements.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        statements=[StatementListed.with_file(each) for each in shown],
        fields=fields or {},
        fault=fault,
        presets=[
            (each.name, each.about) for each in deps.settlements.preview.statement_reader.presets()
        ],
        is_first=not cursor,
        older=older,
        plain_words=plain_words,
    )
