"""One settlement file: what was read, what each settlement in it counts for, and what a person decides about it."""

from http import HTTPStatus
from typing import Any, Final

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from domain.errors import DomainError, NotFound
from domain.money import ZERO
from domain.settlements.file_state import SettlementFileState
from domain.settlements.line_key import line_key
from domain.settlements.settlement_report import ReportState
from entrypoints.http import problem_types
from entrypoints.http.api.refund_wire import REASON_MAX
from entrypoints.http.api.settlement_wire import NAMED_MAX, FileShown
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import REISSUE, RELEASE, SETTLEMENT_FILE, SETTLEMENT_FILES
from entrypoints.http.console.settlement_files import FILE_WORDS, HOLD_WORDS, REPORT_WORDS
from entrypoints.http.console.words import plain_words
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source
from ports.file_store import FileHash

ROWS_SHOWN: Final = 20
SETTLEMENT_MAX: Final = 100
TAKE, DECLINE = "take", "decline"
By = Request[Caller, Any, Any]


@get(SETTLEMENT_FILE, opt=opened("GET", SETTLEMENT_FILE), include_in_schema=False)
async def settlement_file(request: By, sha256: FromPath[str], deps: Deps) -> Response[Any]:
    """Show the file with its settlements, and what is to be decided."""
    return await _shown(request, deps, FileHash(sha256[:NAMED_MAX]))


@post(RELEASE, status_code=HTTPStatus.OK, opt=opened("POST", RELEASE), include_in_schema=False)
async def release_file(request: By, sha256: FromPath[str], deps: Deps) -> Response[Any]:
    """Let the held file count from now on, for a reason."""
    file, reason = FileHash(sha256[:NAMED_MAX]), await _field(request, "reason")
    try:
        await deps.settlements.release(file, reason, origin_of_request(request, Source.ADMIN))
    except NotFound:
        raise
    except DomainError as refusal:
        return await _shown(request, deps, file, refusal=refusal, reason=reason)
    return Redirect(f"{SETTLEMENT_FILES}/{file}", status_code=HTTP_303_SEE_OTHER)


@get(REISSUE, opt=opened("GET", REISSUE), include_in_schema=False)
async def compare_reissue(request: By, sha256: FromPath[str], deps: Deps) -> Response[Any]:
    """Show which lines the re-issue changes, takes away or adds, beside the form that decides about it."""
    file = FileHash(sha256[:NAMED_MAX])
    settlement = request.query_params.get("settlement", "")[:SETTLEMENT_MAX]
    try:
        difference = await deps.settlements.compare(file, settlement)
    except NotFound:
        raise
    except DomainError as refusal:
        return await _shown(request, deps, file, refusal=refusal)
    return console_page(
        request,
        "reissue.html",
        file=FileShown.of(await deps.settlements.files.get(file)),
        settlement=settlement,
        before=difference.before[:ROWS_SHOWN],
        after=difference.after[:ROWS_SHOWN],
        posted={line_key(line) for line in difference.before} & difference.matched,
        key_of=line_key,
        difference=difference,
        net_before=sum((each.net for each in difference.before), ZERO),
        net_after=sum((each.net for each in difference.after), ZERO),
        reason_max=REASON_MAX,
        plain_words=plain_words,
    )


@post(REISSUE, status_code=HTTPStatus.OK, opt=opened("POST", REISSUE), include_in_schema=False)
async def decide_reissue(request: By, sha256: FromPath[str], deps: Deps) -> Response[Any]:
    """Take the re-issue of a settlement in this file, or decline it, for a reason."""
    file, reason = FileHash(sha256[:NAMED_MAX]), await _field(request, "reason")
    settlement, decision = await _field(request, "settlement"), await _field(request, "decision")
    if decision not in {TAKE, DECLINE}:
        raise HttpProblem(problem_types.REQUEST_INVALID, "A re-issue is taken or declined.")
    act = deps.settlements.take if decision == TAKE else deps.settlements.decline
    origin = origin_of_request(request, Source.ADMIN)
    try:
        await act(file, settlement[:SETTLEMENT_MAX], reason, origin)
    except NotFound:
        raise
    except DomainError as refusal:
        return await _shown(request, deps, file, refusal=refusal, reason=reason)
    return Redirect(f"{SETTLEMENT_FILES}/{file}", status_code=HTTP_303_SEE_OTHER)


async def _shown(
    request: By,
    deps: Dependencies,
    file: FileHash,
    *,
    refusal: DomainError | None = None,
    reason: str = "",
) -> Response[Any]:
    found = await deps.settlements.files.get(file)
    rejected = (
        await deps.discrepancies.lines.rejected_rows([file])
        if found.content is not None and found.content.rejected_count
        else ()
    )
    problem = problem_of(refusal) if refusal is not None else None
    is_card = problem is not None and problem.kind is problem_types.CARD_NUMBER
    return console_page(
        request,
        "settlement_file.html",
        status=problem.kind.status if problem else HTTPStatus.OK,
        file=FileShown.of(found),
        words=FILE_WORDS,
        report_words=REPORT_WORDS,
        holds=HOLD_WORDS,
        is_held=found.state is SettlementFileState.HELD,
        undecided=[
            each.totals
            for each in found.reports
            if each.state in {ReportState.WAITING, ReportState.DECLINED}
        ],
        waiting=ReportState.WAITING,
        states={each.totals.key: each.state for each in found.reports},
        rejected=rejected[:ROWS_SHOWN],
        rejected_left=max(0, len(rejected) - ROWS_SHOWN),
        reason="" if is_card else reason,
        reason_max=REASON_MAX,
        fault=problem.detail if problem else "",
        plain_words=plain_words,
    )


async def _field(request: By, name: str) -> str:
    return str((await request.form()).get(name, "")).strip()
