"""The API of archived months for staff: what has left the database, until when it is kept, and what was deleted."""

from collections.abc import Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Final, Self

import msgspec
from litestar import Router, get
from litestar.params import FromPath

from application.audit.list_archive import ListedMonth
from domain.audit.archive_state import ArchiveState
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api.payment import named
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, answers
from entrypoints.http.security.guards import opened_to
from entrypoints.http.security.rate_limits import Budget


class ArchivedMonthView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A month of one `kind` of rows: `audit_log`, `inbox`, `outbox` or `decision_basis`.

    Its file has `lines` lines, lies in the file store under `sha256`, and has to be kept until the end of `kept_until`
    in India, for longer under legal hold. Instants of steps that were not taken are null.
    """

    kind: str
    month: str
    state: ArchiveState
    lines: int
    sha256: str
    size_bytes: int
    exported_at: datetime
    verified_at: datetime | None
    dropped_at: datetime | None
    kept_until: date
    deleted_at: datetime | None

    @classmethod
    def of(cls, listed: ListedMonth) -> Self:
        month = listed.month
        return cls(
            kind=listed.kind,
            month=str(month.month),
            state=month.state,
            lines=listed.count,
            sha256=month.manifest.sha256,
            size_bytes=month.manifest.size_bytes,
            exported_at=month.exported_at,
            verified_at=month.verified_at,
            dropped_at=month.dropped_at,
            kept_until=month.kept_until,
            deleted_at=month.deleted_at,
        )


class ArchivedMonthList(msgspec.Struct, frozen=True, kw_only=True):
    """Archived months, the latest first."""

    items: Sequence[ArchivedMonthView]


MONTH: Final = {
    "kind": "inbox",
    "month": "2026-10",
    "state": "dropped",
    "lines": 81402,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "size_bytes": 5698140,
    "exported_at": "2028-01-01T03:30:00Z",
    "verified_at": "2028-01-01T03:31:00Z",
    "dropped_at": "2028-01-31T03:32:00Z",
    "kept_until": "2035-03-31",
    "deleted_at": None,
}


@get(
    "/",
    opt=opened_to(Permission.SEE_ARCHIVE, Budget.STAFF),
    security=SIGNED_IN,
    summary="Archived months",
    operation_id="list_archived_months",
    responses=answers(HTTPStatus.OK, ArchivedMonthList, {"items": [MONTH]}, *ALWAYS),
)
async def archived_months(deps: Deps) -> ArchivedMonthList:
    """Return the months of each kind that were archived, with those whose files were deleted since."""
    return ArchivedMonthList(items=[ArchivedMonthView.of(each) for each in await deps.archive()])


@get(
    "/{transaction_id:str}",
    opt=opened_to(Permission.SEE_ARCHIVE, Budget.STAFF),
    security=SIGNED_IN,
    summary="Archived months about a payment",
    operation_id="list_archived_months_of_payment",
    responses=answers(
        HTTPStatus.OK,
        ArchivedMonthList,
        {"items": [MONTH]},
        problem_types.NOT_FOUND,
        *ALWAYS,
    ),
)
async def archived_months_of_payment(
    transaction_id: FromPath[str], deps: Deps
) -> ArchivedMonthList:
    """
    Return the months whose files hold something about the payment. Files are not read: what is in them is in the
    payment's proof pack.
    """
    found = await deps.archive(named(transaction_id))
    return ArchivedMonthList(items=[ArchivedMonthView.of(each) for each in found])


archive_routes = Router(
    "/api/admin/archive",
    route_handlers=[archived_months, archived_months_of_payment],
    tags=["Archive"],
)
