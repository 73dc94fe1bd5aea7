"""The console's staff accounts: listed, added, and changed by another administrator with a code of their own."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.staff.manage_accounts import AccountCommand, OfferedSeed
from domain.errors import DomainError, NotFound
from domain.staff.access import NotAllowed, Permission, Role
from domain.staff.second_factor import TotpNotEnrolled, TotpWrong
from domain.staff.staff_member import NAME_MAX, InvitationOver, StaffId, StaffMember
from domain.text.email_address import EMAIL_MAX
from domain.text.opaque_id import PERSON_ID_MAX, is_person_id
from domain.text.printable import on_one_line
from entrypoints.http import problem_types
from entrypoints.http.api.refund_wire import CODE_MAX
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import MEMBER, MEMBER_APP, NEW_MEMBER, STAFF
from entrypoints.http.console.refund_form import CODE_REFUSALS
from entrypoints.http.console.sign_in import fault_of_code
from entrypoints.http.console.words import ROLE_WORDS
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.qr_code import qr_code_of
from entrypoints.http.security.guards import count_failed_code, origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

SHOWN_MAX: Final = 500
OFFERED_MAX: Final = 1000
WRONG_APP: Final = "That is not what the new app shows. Is the clock of the phone right?"
ENTRIES_MAX: Final = 20
By = Request[Caller, Any, Any]


class AccountAction(StrEnum):
    ROLES = "roles"
    SUSPEND = "suspend"
    RESUME = "resume"
    SHOW_CODE = "show_code"
    REMOVE_APP = "remove_app"


ACTION_WORDS: Final[Mapping[AccountAction, str]] = {
    AccountAction.ROLES: "Give exactly the roles that are marked below",
    AccountAction.SUSPEND: "Suspend: they may do nothing until they are re-admitted",
    AccountAction.RESUME: "Re-admit: they may do again what their roles permit",
    AccountAction.SHOW_CODE: "Set up their app: a QR code is shown once, to be scanned and confirmed here",
    AccountAction.REMOVE_APP: "Make their app worthless: it was lost or stolen",
}


@get(STAFF, opt=opened("GET", STAFF), include_in_schema=False)
async def staff(request: By, deps: Deps) -> Response[Any]:
    """Show all members of staff."""
    return console_page(
        request,
        "staff.html",
        members=await deps.staff.reads.members(at_most=SHOWN_MAX),
        address=member_address,
        may_write=request.user.may(Permission.WRITE_STAFF),
        at=deps.clock.now(),
        roles=ROLE_WORDS,
    )


@get(NEW_MEMBER, opt=opened("GET", NEW_MEMBER), include_in_schema=False)
async def new_member(request: By) -> Response[Any]:
    """Show the form for a new account."""
    return _new(request, {}, ())


@post(
    NEW_MEMBER, status_code=HTTPStatus.OK, opt=opened("POST", NEW_MEMBER), include_in_schema=False
)
async def add_member(request: By, deps: Deps) -> Response[Any]:
    """Add the account, with a code of whoever adds it, and lead to it."""
    form = await request.form()
    fields = {name: str(form.get(name, "")).strip() for name in ("id", "name", "email")}
    roles = _roles(form.getall("role", []))
    try:
        member = StaffMember(
            id=StaffId(fields["id"]),
            name=on_one_line(fields["name"]),
            email=fields["email"],
            roles=roles,
        )
        await deps.staff.accounts.add(member, _command(request, member.id, form))
    except CODE_REFUSALS as refusal:
        return _new(request, fields, roles, code_fault=await _code_fault(request, refusal))
    except NotAllowed:
        raise
    except DomainError as refusal:
        return _new(request, fields, roles, fault=problem_of(refusal).detail)
    return Redirect(member_address(member.id), status_code=HTTP_303_SEE_OTHER)


@get(MEMBER, opt=opened("GET", MEMBER), include_in_schema=False)
async def member(request: By, deps: Deps) -> Response[Any]:
    """Show one account, one's own unless another is named: what was done about it, and what may be."""
    whose = _named(request.query_params.get("id", request.user.id))
    return await _shown(request, deps, whose, {}, ())


@post(MEMBER, status_code=HTTPStatus.OK, opt=opened("POST", MEMBER), include_in_schema=False)
async def change_member(request: By, deps: Deps) -> Response[Any]:
    """Change the account, with a code of whoever does it; a seed is shown at once, and only now."""
    form = await request.form()
    whose, act = _named(str(form.get("id", ""))), str(form.get("act", ""))
    roles = _roles(form.getall("role", []))
    fields = {"act": act}
    if act not in set(AccountAction):
        return await _shown(request, deps, whose, fields, roles, fault="Choose what is to be done.")
    command = _command(request, whose, form)
    try:
        if act == AccountAction.SHOW_CODE:
            shown = await deps.staff.accounts.offer_seed(command)
            return _seed_page(request, whose, shown.offered, shown)
        await _act(deps, AccountAction(act), roles, command)
    except CODE_REFUSALS as refusal:
        fault = await _code_fault(request, refusal)
        return await _shown(request, deps, whose, fields, roles, code_fault=fault)
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        fault = problem_of(refusal).detail
        return await _shown(request, deps, whose, fields, roles, fault=fault)
    return Redirect(member_address(whose), status_code=HTTP_303_SEE_OTHER)


@post(
    MEMBER_APP, status_code=HTTPStatus.OK, opt=opened("POST", MEMBER_APP), include_in_schema=False
)
async def confirm_app(request: By, deps: Deps) -> Response[Any]:
    """Store the seed that was shown, once the app shows a right code for it; it is not shown again."""
    form = await request.form()
    whose, offered = _named(str(form.get("id", ""))), str(form.get("offered", ""))[:OFFERED_MAX]
    code = str(form.get("code", ""))[:CODE_MAX]
    by, origin = StaffId(request.user.id), origin_of_request(request, Source.ADMIN)
    try:
        await deps.staff.accounts.accept_seed(whose, offered, code, by, origin)
    except TotpWrong:
        return _seed_page(request, whose, offered, fault=WRONG_APP)
    except InvitationOver as refusal:
        fault = problem_of(refusal).detail
        return await _shown(request, deps, whose, {}, (), fault=fault)
    return Redirect(member_address(whose), status_code=HTTP_303_SEE_OTHER)


def member_address(staff: StaffId) -> str:
    """Return the address of a member's page; an id may hold any mark of an address."""
    return f"{MEMBER}?{urlencode({'id': staff})}"


async def _act(
    deps: Dependencies, act: AccountAction, roles: frozenset[Role], command: AccountCommand
) -> None:
    match act:
        case AccountAction.ROLES:
            await deps.staff.accounts.set_roles(roles, command)
        case AccountAction.SUSPEND:
            await deps.staff.accounts.suspend(command)
        case AccountAction.RESUME:
            await deps.staff.accounts.resume(command)
        case _:
            await deps.staff.accounts.remove_second_factor(command)


async def _shown(
    request: By,
    deps: Dependencies,
    whose: StaffId,
    fields: Mapping[str, str],
    roles: Sequence[Role] | frozenset[Role],
    *,
    fault: str = "",
    code_fault: str = "",
) -> Response[Any]:
    found = await deps.staff.reads.member(whose)
    may_write = request.user.may(Permission.WRITE_STAFF)
    is_own = whose == StaffId(request.user.id)
    return console_page(
        request,
        "member.html",
        status=_status(fault, code_fault),
        member=found,
        trail=await deps.audit.about(f"staff:{whose}", at_most=ENTRIES_MAX),
        is_own=is_own,
        may_write=may_write and not is_own,
        acts={each: word for each, word in ACTION_WORDS.items() if _makes_sense(each, found)},
        marked=roles or found.roles,
        fields=fields,
        fault=fault,
        code_fault=code_fault,
        at=deps.clock.now(),
        roles=ROLE_WORDS,
    )


def _makes_sense(act: AccountAction, member: StaffMember) -> bool:
    match act:
        case AccountAction.SUSPEND:
            return member.active
        case AccountAction.RESUME:
            return not member.active
        case AccountAction.REMOVE_APP:
            return member.seed is not None
        case _:
            return True


def _new(
    request: By,
    fields: Mapping[str, str],
    roles: Sequence[Role] | frozenset[Role],
    *,
    fault: str = "",
    code_fault: str = "",
) -> Response[Any]:
    return console_page(
        request,
        "member_new.html",
        status=_status(fault, code_fault),
        fields=fields,
        marked=roles,
        fault=fault,
        code_fault=code_fault,
        roles=ROLE_WORDS,
        id_max=PERSON_ID_MAX,
        name_max=NAME_MAX,
        email_max=EMAIL_MAX,
    )


def _seed_page(
    request: By, whose: StaffId, offered: str, shown: OfferedSeed | None = None, fault: str = ""
) -> Response[Any]:
    seed = shown.invitation.seed if shown is not None else ""
    return console_page(
        request,
        "member_app.html",
        status=_status(fault),
        whose=whose,
        address=member_address(whose),
        code=qr_code_of(shown.invitation.provisioning_uri) if shown is not None else None,
        secret=" ".join(seed[start : start + 4] for start in range(0, len(seed), 4)),
        offered=offered,
        fault=fault,
    )


def _command(request: By, whose: StaffId, form: Mapping[str, Any]) -> AccountCommand:
    return AccountCommand(
        staff=whose,
        by=StaffId(request.user.id),
        origin=origin_of_request(request, Source.ADMIN),
        code=str(form.get("code", ""))[:CODE_MAX],
        seen=str(form["seen"]) if "seen" in form else None,
    )


def _roles(words: Sequence[Any]) -> frozenset[Role]:
    chosen = {str(word) for word in words}
    if chosen - set(ROLE_WORDS):
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such role of staff.")
    return frozenset(map(Role, chosen))


def _named(text: str) -> StaffId:
    if not is_person_id(text):
        raise NotFound("member of staff", "not an id")
    return StaffId(text)


def _status(*faults: str) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if any(faults) else HTTPStatus.OK


async def _code_fault(request: By, refusal: DomainError) -> str:
    if not isinstance(refusal, TotpNotEnrolled):
        await count_failed_code(request)
    return fault_of_code(refusal)
