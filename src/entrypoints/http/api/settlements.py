"""Settlement files and bank statements for finance: shown before they are taken, listed, released."""

import asyncio
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Annotated, Any, BinaryIO, Final, cast

from litestar import Request, Router, get, post
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath, QueryParameter
from litestar.types import ExceptionHandlersMap

from application.settlements.import_settlement_file import IncomingFile
from application.settlements.preview_file import hash_of, hash_of_file
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_report import FileOrigin
from domain.staff.access import Permission
from domain.text.card_number import redact
from entrypoints.http import problem_types
from entrypoints.http.api import settlement_examples as examples
from entrypoints.http.api.cursor import read_text_cursor, write_text_cursor
from entrypoints.http.api.payment import PAGE_MAX, PAGE_USUAL
from entrypoints.http.api.reissues import decline_reissue, take_reissue
from entrypoints.http.api.settlement_wire import (
    NAMED_MAX,
    FileForm,
    FilePage,
    FileShown,
    ReleaseAsked,
    StatementForm,
    StatementsShown,
)
from entrypoints.http.api.statement_list import bank_statements
from entrypoints.http.dependencies import Deps
from entrypoints.http.error_responses import answer_no_text
from entrypoints.http.faults import FaultCode, errors, parameter_fault
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, WITH_BODY, answers
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source
from ports.file_store import FileHash

UPLOAD_BYTES_MAX: Final = 65 * 1024 * 1024
"""A file of 64 MiB with the parts of the form around it."""

NAME_MAX: Final = 200
Asked = Request[Caller, Any, Any]
Take = Annotated[
    bool,
    QueryParameter(
        description="Whether the file is taken; without it, it is shown and nothing is kept."
    ),
]
Previewed = Annotated[
    str | None,
    QueryParameter(required=False, description="`sha256` of the preview; needed to take a file."),
]


FORM_FAULTS: Final[ExceptionHandlersMap] = {
    UnicodeDecodeError: answer_no_text,
    LookupError: answer_no_text,
}
"""What the framework raises for a field of a form whose bytes are not what its encoding says."""


@post(
    "/settlement-files",
    status_code=HTTPStatus.OK,
    request_max_body_size=UPLOAD_BYTES_MAX,
    opt=opened_to(Permission.IMPORT_SETTLEMENTS, Budget.STAFF),
    security=SIGNED_IN,
    summary="Show a settlement file, or take it",
    operation_id="send_settlement_file",
    exception_handlers=FORM_FAULTS,
    responses=answers(
        HTTPStatus.OK,
        FileShown,
        examples.FILE,
        problem_types.SETTLEMENT_FILE_REFUSED,
        problem_types.PREVIEW_DIFFERS,
        problem_types.STORAGE_UNAVAILABLE,
        *WITH_BODY,
    ),
)
async def send_settlement_file(
    request: Asked,
    data: Annotated[
        FileForm,
        Body(
            media_type=RequestEncodingType.MULTI_PART,
            title="The file of the bank",
            examples=[Example(summary="A report of UPI", value=examples.FILE_FORM)],
        ),
    ],
    deps: Deps,
    *,
    take: Take = False,
    sha256: Previewed = None,
) -> FileShown:
    """
    Show how the file is read. With `take` and the preview's hash it is imported, once, and never posted
    by this. A file that cannot be read at all is refused.
    """
    # What is larger than a megabyte lies on disk: the framework has put it there.
    content = cast("BinaryIO", data.file.file)
    name, preset, mid = (
        file_name(data.file.filename),
        named_or_none(data.preset),
        named_or_none(data.mid),
    )
    if not take:
        preview = await deps.settlements.preview(name, content, preset=preset, mid=mid)
        return FileShown.preview(name, preview)
    check_previewed(await asyncio.to_thread(hash_of_file, content), sha256)
    incoming = IncomingFile(
        name=name, content=content, origin=FileOrigin.UPLOAD, preset=preset, mid=mid
    )
    origin = origin_of_request(request, Source.ADMIN)
    return FileShown.of(await deps.settlements.import_file(incoming, origin))


@get(
    "/settlement-files",
    opt=opened_to(Permission.IMPORT_SETTLEMENTS, Budget.STAFF),
    security=SIGNED_IN,
    summary="Settlement files",
    operation_id="list_settlement_files",
    responses=answers(
        HTTPStatus.OK,
        FilePage,
        examples.FILES,
        problem_types.CURSOR_INVALID,
        problem_types.REQUEST_INVALID,
        *ALWAYS,
    ),
)
async def settlement_files(
    deps: Deps,
    *,
    cursor: Annotated[
        str | None, QueryParameter(required=False, description="`next` of the page before.")
    ] = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=PAGE_MAX, description="Most items.")
    ] = PAGE_USUAL,
    in_state: Annotated[
        SettlementFileState | None,
        QueryParameter(name="state", required=False, description="Only these."),
    ] = None,
    waiting: Annotated[
        bool, QueryParameter(description="Only those with a re-issue that waits for a person.")
    ] = False,
) -> FilePage:
    """Return settlement files with what became of them, the latest first, page by page."""
    before = None
    if cursor is not None:
        instant, named = read_text_cursor(cursor)
        before = (instant, FileHash(named))
    found = await deps.settlements.files.page(
        state=in_state, waiting=waiting, before=before, at_most=limit + 1
    )
    shown = found[:limit]
    last = shown[-1].received if len(found) > limit else None
    return FilePage(
        items=[FileShown.of(each) for each in shown],
        next=None if last is None else write_text_cursor(last.received_at, last.sha256),
    )


@get(
    "/settlement-files/{sha256:str}",
    opt=opened_to(Permission.IMPORT_SETTLEMENTS, Budget.STAFF),
    security=SIGNED_IN,
    summary="A settlement file",
    operation_id="get_settlement_file",
    responses=answers(HTTPStatus.OK, FileShown, examples.FILE, problem_types.NOT_FOUND, *ALWAYS),
)
async def settlement_file(sha256: FromPath[str], deps: Deps) -> FileShown:
    """Return one settlement file by the SHA-256 of its bytes, with its settlements."""
    return FileShown.of(await deps.settlements.files.get(FileHash(sha256[:NAMED_MAX])))


@post(
    "/settlement-files/{sha256:str}/release",
    status_code=HTTPStatus.OK,
    opt=opened_to(Permission.IMPORT_SETTLEMENTS, Budget.STAFF, json=True),
    security=SIGNED_IN,
    summary="Release a held file",
    operation_id="release_settlement_file",
    responses=answers(
        HTTPStatus.OK,
        FileShown,
        examples.FILE,
        problem_types.NOT_FOUND,
        problem_types.FILE_STEP_ILLEGAL,
        problem_types.REFUND_REASON,
        problem_types.CARD_NUMBER,
        *WITH_BODY,
    ),
)
async def release_settlement_file(
    request: Asked,
    sha256: FromPath[str],
    data: Annotated[
        ReleaseAsked,
        Body(title="Why", examples=[Example(summary="A reason", value=examples.RELEASE)]),
    ],
    deps: Deps,
) -> FileShown:
    """Let a held file count from now on. Its rejected rows stay what they are; the audit log names who did it."""
    origin = origin_of_request(request, Source.ADMIN)
    file = FileHash(sha256[:NAMED_MAX])
    return FileShown.of(await deps.settlements.release(file, data.reason, origin))


@post(
    "/bank-statements",
    status_code=HTTPStatus.OK,
    request_max_body_size=UPLOAD_BYTES_MAX,
    opt=opened_to(Permission.IMPORT_SETTLEMENTS, Budget.STAFF),
    security=SIGNED_IN,
    summary="Show a bank statement, or take it",
    operation_id="send_bank_statement",
    exception_handlers=FORM_FAULTS,
    responses=answers(
        HTTPStatus.OK,
        StatementsShown,
        examples.STATEMENTS,
        problem_types.SETTLEMENT_FILE_REFUSED,
        problem_types.PREVIEW_DIFFERS,
        problem_types.STORAGE_UNAVAILABLE,
        *WITH_BODY,
    ),
)
async def send_bank_statement(
    request: Asked,
    data: Annotated[
        StatementForm,
        Body(
            media_type=RequestEncodingType.MULTI_PART,
            title="The statement",
            examples=[Example(summary="A statement as CSV", value=examples.STATEMENT_FORM)],
        ),
    ],
    deps: Deps,
    *,
    take: Take = False,
    sha256: Previewed = None,
) -> StatementsShown:
    """Show how the statement is read. With `take` and the preview's hash it is imported; each entry is kept once."""
    content = await data.file.read()
    name, preset, account = (
        file_name(data.file.filename),
        named_or_none(data.preset),
        named_or_none(data.account),
    )
    if not take:
        digest, report = await deps.settlements.preview.of_statement(name, content, preset=preset)
        return StatementsShown.preview(digest, name, report)
    check_previewed(hash_of(content), sha256)
    origin = origin_of_request(request, Source.ADMIN)
    found = await deps.settlements.import_statement(
        name, content, origin, preset=preset, account=account
    )
    return StatementsShown.of(hash_of(content), name, found)


def check_previewed(sent: FileHash, sha256: str | None) -> None:
    """Return when *sha256* is the hash of what was *sent*, or raise ``HttpProblem``."""
    if sha256 is None:
        raise HttpProblem(
            problem_types.REQUEST_INVALID,
            members=errors(
                parameter_fault(
                    "sha256", FaultCode.MISSING, "it is needed to take a file: see the preview"
                )
            ),
        )
    if sha256 != sent:
        raise HttpProblem(problem_types.PREVIEW_DIFFERS)


def file_name(filename: str) -> str:
    """
    Return the last part of a file's name, without what no name holds; its end says the kind of file.

    Of a card number in it the last four digits are kept.
    """
    last = PurePosixPath(filename.replace("\\", "/")).name
    printable = "".join(mark for mark in last if mark.isprintable())
    # Masked before it is cut: a part of a card number is not recognised as one.
    return str(redact(printable))[-NAME_MAX:] or "file"


def named_or_none(text: str | None) -> str | None:
    return (text or "").strip()[:NAMED_MAX] or None


settlement_routes = Router(
    "/api/admin",
    route_handlers=[
        send_settlement_file,
        settlement_files,
        settlement_file,
        release_settlement_file,
        take_reissue,
        decline_reissue,
        send_bank_statement,
        bank_statements,
    ],
    tags=["Settlements"],
)
