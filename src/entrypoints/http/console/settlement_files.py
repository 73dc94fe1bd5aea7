"""The console's settlement files: listed with what became of them, one more shown first and then imported."""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.settlements.import_settlement_file import IncomingFile
from application.settlements.preview_file import hash_of_file
from domain.errors import DomainError
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_report import FileOrigin, ReportState
from entrypoints.http import problem_types
from entrypoints.http.api.cursor import read_text_cursor, write_text_cursor
from entrypoints.http.api.settlement_wire import FileShown
from entrypoints.http.api.settlements import FORM_FAULTS, UPLOAD_BYTES_MAX, check_previewed
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import SETTLEMENT_FILES, SETTLEMENT_PREVIEW
from entrypoints.http.console.uploads import Upload, told_of, typed
from entrypoints.http.console.words import plain_words
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source
from ports.file_store import FileHash
from ports.settlements.settlement_file_reader import HoldReason

SHOWN: Final = 20
WAITING: Final = ReportState.WAITING.value
TABS: Final[Mapping[str, str]] = {
    "": "All",
    SettlementFileState.HELD: "Held",
    WAITING: "A re-issue waits",
    SettlementFileState.IMPORTED: "Imported",
    SettlementFileState.REFUSED: "Refused",
    SettlementFileState.SUPERSEDED: "Superseded",
}
FILE_WORDS: Final[Mapping[SettlementFileState, str]] = {
    SettlementFileState.RECEIVED: "Received",
    SettlementFileState.READING: "Being read",
    SettlementFileState.IMPORTED: "Imported",
    SettlementFileState.HELD: "Held",
    SettlementFileState.REFUSED: "Refused",
    SettlementFileState.SUPERSEDED: "Superseded",
}
REPORT_WORDS: Final[Mapping[ReportState, str]] = {
    ReportState.LIVE: "Counts",
    ReportState.HELD: "Held with its file",
    ReportState.WAITING: "A re-issue that waits for a decision",
    ReportState.DECLINED: "A re-issue that was declined",
    ReportState.REPEATED: "Nothing new",
    ReportState.SUPERSEDED: "Superseded by a re-issue",
}
HOLD_WORDS: Final[Mapping[HoldReason, str]] = {
    HoldReason.ROWS_REJECTED: "rows cannot be read",
    HoldReason.TOTALS_MISSING: "its totals are missing, so it may be cut off",
    HoldReason.TOTALS_DIFFER: "its totals are not those of its lines",
    HoldReason.PAGES_MISSING: "pages of it are missing",
}
By = Request[Caller, Any, Any]


@get(SETTLEMENT_FILES, opt=opened("GET", SETTLEMENT_FILES), include_in_schema=False)
async def settlement_files(request: By, deps: Deps) -> Response[Any]:
    """Show a page of files, the latest first, and the form that brings one more."""
    return await _listed(request, deps)


@post(
    SETTLEMENT_PREVIEW,
    status_code=HTTPStatus.OK,
    request_max_body_size=UPLOAD_BYTES_MAX,
    exception_handlers=FORM_FAULTS,
    opt=opened("POST", SETTLEMENT_PREVIEW, upload=True),
    include_in_schema=False,
)
async def preview_settlement_file(request: By, deps: Deps) -> Response[Any]:
    """Show how the file is read; nothing of it is kept."""
    try:
        upload = await Upload.of(request)
        preview = await deps.settlements.preview(
            upload.name,
            upload.content,
            preset=upload.named("preset"),
            mid=upload.named("mid"),
        )
    except (HttpProblem, DomainError) as refusal:
        return await _listed(request, deps, await typed(request), fault=told_of(refusal))
    return console_page(
        request,
        "settlement_check.html",
        file=FileShown.preview(upload.name, preview),
        fields=upload.fields,
        holds=HOLD_WORDS,
        plain_words=plain_words,
    )


@post(
    SETTLEMENT_FILES,
    status_code=HTTPStatus.OK,
    request_max_body_size=UPLOAD_BYTES_MAX,
    exception_handlers=FORM_FAULTS,
    opt=opened("POST", SETTLEMENT_FILES, upload=True),
    include_in_schema=False,
)
async def import_settlement_file(request: By, deps: Deps) -> Response[Any]:
    """Import the very file that was shown, once, and lead to it."""
    try:
        upload = await Upload.of(request)
        sent = await asyncio.to_thread(hash_of_file, upload.content)
        check_previewed(sent, upload.fields["sha256"])
        incoming = IncomingFile(
            name=upload.name,
            content=upload.content,
            origin=FileOrigin.UPLOAD,
            preset=upload.named("preset"),
            mid=upload.named("mid"),
        )
        origin = origin_of_request(request, Source.ADMIN)
        file = await deps.settlements.import_file(incoming, origin)
    except (HttpProblem, DomainError) as refusal:
        return await _listed(request, deps, await typed(request), fault=told_of(refusal))
    address = f"{SETTLEMENT_FILES}/{file.received.sha256}"
    return Redirect(address, status_code=HTTP_303_SEE_OTHER)


async def _listed(
    request: By, deps: Dependencies, fields: Mapping[str, str] | None = None, *, fault: str = ""
) -> Response[Any]:
    tab, cursor = request.query_params.get("state", ""), request.query_params.get("cursor")
    if tab not in TABS:
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such state of a file.")
    before = None
    if cursor:
        at, named = read_text_cursor(cursor)
        before = (at, FileHash(named))
    found = await deps.settlements.files.page(
        state=SettlementFileState(tab) if tab and tab != WAITING else None,
        waiting=tab == WAITING,
        before=before,
        at_most=SHOWN + 1,
    )
    shown = found[:SHOWN]
    last = shown[-1].received if len(found) > SHOWN else None
    return console_page(
        request,
        "settlement_files.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        files=[FileShown.of(each) for each in shown],
        tabs=[(_address(each), word, each == tab) for each, word in TABS.items()],
        tab=tab,
        fields=fields or {},
        fault=fault,
        presets=_presets(deps),
        is_first=not cursor,
        first=_address(tab),
        older=_address(tab, write_text_cursor(last.received_at, last.sha256)) if last else None,
        words=FILE_WORDS,
        report_words=REPORT_WORDS,
        holds=HOLD_WORDS,
        plain_words=plain_words,
    )


def _presets(deps: Dependencies) -> Sequence[tuple[str, str]]:
    return [(each.name, each.about) for each in deps.settlements.preview.reader.presets()]


def _address(state: str, cursor: str | None = None) -> str:
    said = {"state": state, "cursor": cursor or ""}
    wanted = {name: value for name, value in said.items() if value}
    return f"{SETTLEMENT_FILES}?{urlencode(wanted)}" if wanted else SETTLEMENT_FILES
