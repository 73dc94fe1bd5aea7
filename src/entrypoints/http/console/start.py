"""The console's first page: what waits for a member of staff, and what may be done here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, get
from litestar.exceptions import NotFoundException
from litestar.response import Template

from domain.staff.access import Permission
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import (
    DEAD_LETTERS,
    DISCREPANCIES,
    ELSEWHERE,
    GATEWAY,
    REFUNDS,
    REVIEWS,
    SETTLEMENT_FILES,
)
from entrypoints.http.console.words import count_of
from entrypoints.http.dependencies import Deps
from entrypoints.http.page import CONSOLE
from entrypoints.http.security.identity import Caller
from ports.staff.waiting_work import WorkKind


@dataclass(frozen=True, slots=True)
class Tile:
    """Where the work of a kind is done, by whom it may be, and what one and many of it are called."""

    permission: Permission
    address: str
    one: str
    many: str


TILES: Final[Mapping[WorkKind, Tile]] = {
    WorkKind.OVERDUE_DISCREPANCY: Tile(
        Permission.SEE_DISCREPANCIES, DISCREPANCIES, "overdue discrepancy", "overdue discrepancies"
    ),
    WorkKind.REFUND_APPROVAL: Tile(
        Permission.APPROVE_REFUNDS,
        f"{REFUNDS}?status=awaiting_approval",
        "refund to approve",
        "refunds to approve",
    ),
    WorkKind.RESOLUTION_APPROVAL: Tile(
        Permission.RESOLVE_DISCREPANCIES,
        f"{DISCREPANCIES}?view=proposed",
        "resolution to approve",
        "resolutions to approve",
    ),
    WorkKind.CONFIGURATION_APPROVAL: Tile(
        Permission.APPROVE_GATEWAY,
        GATEWAY,
        "gateway configuration to approve",
        "gateway configurations to approve",
    ),
    WorkKind.REVIEW: Tile(
        Permission.SEE_ALL_PAYMENTS, REVIEWS, "payment to look at", "payments to look at"
    ),
    WorkKind.DEAD_LETTER: Tile(
        Permission.SEE_ALL_PAYMENTS, DEAD_LETTERS, "dead letter", "dead letters"
    ),
    WorkKind.HELD_FILE: Tile(
        Permission.IMPORT_SETTLEMENTS,
        f"{SETTLEMENT_FILES}?state=held",
        "held settlement file",
        "held settlement files",
    ),
    WorkKind.WAITING_REISSUE: Tile(
        Permission.IMPORT_SETTLEMENTS,
        f"{SETTLEMENT_FILES}?state=waiting",
        "re-issue to decide about",
        "re-issues to decide about",
    ),
    WorkKind.DISCREPANCY: Tile(
        Permission.SEE_DISCREPANCIES, DISCREPANCIES, "open discrepancy", "open discrepancies"
    ),
}


@get(CONSOLE, opt=opened("GET", CONSOLE), include_in_schema=False)
async def start(request: Request[Caller, Any, Any], deps: Deps) -> Template:
    """Show what waits for whoever asks, the gravest first, and the pages that the member of staff may open."""
    caller = request.user
    waiting = await deps.waiting_work.waiting(caller.actor, deps.clock.now())
    return console_page(
        request,
        "start.html",
        waiting=[
            (each, TILES[each.kind]) for each in waiting if caller.may(TILES[each.kind].permission)
        ],
        count_of=count_of,
    )


@get(ELSEWHERE, opt=opened("GET", ELSEWHERE), include_in_schema=False)
async def elsewhere() -> Template:
    """Tell in the console's frame that there is nothing at this address."""
    raise NotFoundException
