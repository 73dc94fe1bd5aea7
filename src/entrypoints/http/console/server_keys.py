"""The console's server keys: added, rotated and revoked; what shows a secret takes a code of whoever does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.sign_in.manage_server_keys import KeyWithSecret, NewServerKey
from application.staff.verify_totp import TotpAttempt
from domain.business_day import business_day_start
from domain.errors import DomainError, NotFound
from domain.sign_in.server_key import (
    KEY_NAME_MAX,
    OVERLAP_MAX,
    OVERLAP_USUAL,
    SCOPES,
    ServerKey,
    ServerKeyId,
    ServerKeyState,
)
from domain.staff.access import NotAllowed, Permission
from domain.staff.second_factor import TotpNotEnrolled
from domain.staff.staff_member import StaffId
from domain.text.card_number import CardNumberRefused
from entrypoints.http import problem_types
from entrypoints.http.api.refund_wire import CODE_MAX
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import KEY, KEY_REVOKE, KEY_ROTATE, KEYS
from entrypoints.http.console.refund_form import CODE_REFUSALS
from entrypoints.http.console.sign_in import fault_of_code
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import count_failed_code, origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

ID_MAX: Final = 20
ENTRIES_MAX: Final = 20
HOUR: Final = timedelta(hours=1)
OVERLAP_HOURS_MAX: Final = OVERLAP_MAX // HOUR
NO_DAY: Final = "The last day is a date, such as 2027-03-31."
NO_OVERLAP: Final = f"The one before stays valid for 0 to {OVERLAP_HOURS_MAX} hours."
NOT_SURE: Final = "Say that no back end needs it any more."
SCOPE_WORDS: Final[Mapping[Permission, str]] = {
    Permission.PAY: "Begin, retry and cancel payments of the student whom a request names",
    Permission.SEE_OWN_PAYMENTS: "See payments, receipts and courses of the student whom a request names",
    Permission.SEE_ALL_PAYMENTS: "See payments, refunds, disputes and reviews of everybody",
    Permission.SEE_ENROLMENTS: "See which course is open to whom",
    Permission.SEE_CATALOGUE: "See courses and discount codes as they are kept",
    Permission.WRITE_COURSES: "Add and change courses",
    Permission.WRITE_DISCOUNTS: "Add and change discount codes",
}
"""What a key of each scope may do, in the order of the form."""

STATE_WORDS: Final[Mapping[ServerKeyState, tuple[str, str]]] = {
    ServerKeyState.ACTIVE: ("Active", "done"),
    ServerKeyState.EXPIRED: ("Expired", "failed"),
    ServerKeyState.REVOKED: ("Revoked", "failed"),
}
"""Each state as a word, and the status by which it is coloured."""

By = Request[Caller, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a form held, and what came of it; *at* names the part of the page that a *fault* is about."""

    fields: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[Permission] = frozenset()
    at: str = ""
    fault: str = ""
    code_fault: str = ""

    @property
    def status(self) -> HTTPStatus:
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.fault or self.code_fault else HTTPStatus.OK


@get(KEYS, opt=opened("GET", KEYS), include_in_schema=False)
async def server_keys(request: By, deps: Deps) -> Response[Any]:
    """Show all keys with their scopes and state, and the form for another one."""
    return await _listed(request, deps, Said())


@post(KEYS, status_code=HTTPStatus.OK, opt=opened("POST", KEYS), include_in_schema=False)
async def add_server_key(request: By, deps: Deps) -> Response[Any]:
    """Add a key, with a code of whoever adds it; the key is shown at once, and only now."""
    form = await request.form()
    fields = {name: str(form.get(name, "")).strip() for name in ("name", "last_day")}
    scopes = _scopes(form.getall("scope", []))
    try:
        new = NewServerKey(
            name=fields["name"],
            scopes=scopes,
            expires_at=_end_of(fields["last_day"]),
            origin=origin_of_request(request, Source.ADMIN),
        )
    except ValueError:
        return await _listed(request, deps, Said(fields=fields, scopes=scopes, fault=NO_DAY))
    try:
        added = await deps.sign_in.manage_server_keys.add(new, _attempt(request, "new", form))
    except CODE_REFUSALS as refusal:
        fault = await _code_fault(request, refusal)
        return await _listed(request, deps, Said(fields=fields, scopes=scopes, code_fault=fault))
    except NotAllowed:
        raise
    except DomainError as refusal:
        # A card number is not shown again.
        kept = fields | {"name": ""} if isinstance(refusal, CardNumberRefused) else fields
        fault = problem_of(refusal).detail
        return await _listed(request, deps, Said(fields=kept, scopes=scopes, fault=fault))
    return _secret(request, added)


@get(KEY, opt=opened("GET", KEY), include_in_schema=False)
async def server_key(request: By, key_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Show one key, what was done about it, and what may be."""
    return await _shown(request, deps, _named(key_id), Said())


@post(
    KEY_ROTATE, status_code=HTTPStatus.OK, opt=opened("POST", KEY_ROTATE), include_in_schema=False
)
async def rotate_server_key(request: By, key_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Give the key a new secret, with a code of whoever does it; it is shown at once, and only now."""
    form, key = await request.form(), _named(key_id)
    hours = str(form.get("overlap_hours", "")).strip()
    fields = {"overlap_hours": hours}
    if not (hours.isascii() and hours.isdigit() and len(hours) <= len(str(OVERLAP_HOURS_MAX))):
        return await _shown(request, deps, key, Said(fields=fields, at="rotate", fault=NO_OVERLAP))
    try:
        rotated = await deps.sign_in.manage_server_keys.rotate(
            key,
            int(hours) * HOUR,
            origin_of_request(request, Source.ADMIN),
            _attempt(request, key, form),
        )
    except CODE_REFUSALS as refusal:
        fault = await _code_fault(request, refusal)
        told = Said(fields=fields, at="rotate", code_fault=fault)
        return await _shown(request, deps, key, told)
    except (NotAllowed, NotFound):
        raise
    except DomainError as refusal:
        told = Said(fields=fields, at="rotate", fault=problem_of(refusal).detail)
        return await _shown(request, deps, key, told)
    return _secret(request, rotated)


@post(
    KEY_REVOKE, status_code=HTTPStatus.OK, opt=opened("POST", KEY_REVOKE), include_in_schema=False
)
async def revoke_server_key(request: By, key_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Let the key open nothing any more; that may be in a hurry, and takes no code."""
    form, key = await request.form(), _named(key_id)
    if form.get("sure") != "yes":
        return await _shown(request, deps, key, Said(at="revoke", fault=NOT_SURE))
    origin = origin_of_request(request, Source.ADMIN)
    await deps.sign_in.manage_server_keys.revoke(key, origin)
    return Redirect(f"{KEYS}/{key}", status_code=HTTP_303_SEE_OTHER)


def _named(key: str) -> ServerKeyId:
    if not (key.isascii() and key.isalnum() and len(key) <= ID_MAX):
        raise NotFound("server key", "not an id of one")
    return ServerKeyId(key)


def _scopes(words: list[Any]) -> frozenset[Permission]:
    chosen = {str(word) for word in words}
    if chosen - set(SCOPES):
        raise HttpProblem(problem_types.REQUEST_INVALID, "No key has such a scope.")
    return frozenset(map(Permission, chosen))


def _end_of(last_day: str) -> datetime | None:
    """Return when the chosen day of India is over, None where none is; raises ``ValueError`` for what is no day."""
    return (
        business_day_start(date.fromisoformat(last_day) + timedelta(days=1)) if last_day else None
    )


def _attempt(request: By, key: str, form: Mapping[str, Any]) -> TotpAttempt:
    return TotpAttempt(
        staff=StaffId(request.user.id),
        permission=Permission.WRITE_KEYS,
        subject=f"server_key:{key}",
        code=str(form.get("code", ""))[:CODE_MAX],
    )


async def _code_fault(request: By, refusal: DomainError) -> str:
    if not isinstance(refusal, TotpNotEnrolled):
        await count_failed_code(request)
    return fault_of_code(refusal)


async def _listed(request: By, deps: Dependencies, said: Said) -> Response[Any]:
    return console_page(
        request,
        "server_keys.html",
        status=said.status,
        keys=await deps.sign_in.server_keys.all(),
        state_of=_state_of,
        may_write=request.user.may(Permission.WRITE_KEYS),
        said=said,
        scopes=SCOPE_WORDS,
        name_max=KEY_NAME_MAX,
    )


async def _shown(request: By, deps: Dependencies, wanted: ServerKeyId, said: Said) -> Response[Any]:
    key = await deps.sign_in.server_keys.get(wanted)
    at = deps.clock.now()
    return console_page(
        request,
        "server_key.html",
        status=said.status,
        key=key,
        state=_state_of(key, at),
        trail=await deps.audit.about(key.id, at_most=ENTRIES_MAX),
        may_write=request.user.may(Permission.WRITE_KEYS),
        is_active=key.state(at) is ServerKeyState.ACTIVE,
        said=said,
        scopes=SCOPE_WORDS,
        overlap_hours=said.fields.get("overlap_hours", str(OVERLAP_USUAL // HOUR)),
        overlap_hours_max=OVERLAP_HOURS_MAX,
    )


def _state_of(key: ServerKey, at: datetime) -> tuple[str, str]:
    return STATE_WORDS[key.state(at)]


def _secret(request: By, shown: KeyWithSecret) -> Response[Any]:
    return console_page(request, "server_key_secret.html", key=shown.key, secret=shown.secret)
