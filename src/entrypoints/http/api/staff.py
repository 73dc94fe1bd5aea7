"""The API of staff accounts for administrators: each change with a code of whoever makes it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final, Self

import msgspec
from litestar import Request, Router, get, post
from litestar.openapi.spec import Example
from litestar.params import Body, FromPath

from application.staff.manage_accounts import AccountCommand
from domain.errors import NotFound
from domain.staff.access import Permission, Role
from domain.staff.staff_member import NAME_MAX, StaffId, StaffMember
from domain.text.email_address import EMAIL_MAX
from domain.text.opaque_id import PERSON_ID_MAX, is_person_id
from domain.text.printable import on_one_line
from entrypoints.http import problem_types
from entrypoints.http.api.refund_wire import Code
from entrypoints.http.api.refunds import IN_PERSON
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, answers
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source

LISTED_MAX: Final = 500
By = Request[Caller, Any, Any]
Roles = Annotated[list[Role], msgspec.Meta(min_length=1, max_length=len(Role))]
Fingerprint = Annotated[str, msgspec.Meta(max_length=64)]


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff. `fingerprint` stands for the account as it is: a change may name it."""

    id: str
    name: str
    email: str
    roles: Sequence[Role]
    active: bool
    has_app: bool
    fingerprint: str

    @classmethod
    def of(cls, member: StaffMember) -> Self:
        return cls(
            id=member.id,
            name=member.name,
            email=member.email,
            roles=sorted(member.roles),
            active=member.active,
            has_app=member.seed is not None,
            fingerprint=member.fingerprint,
        )


class MemberList(msgspec.Struct, frozen=True, kw_only=True):
    """Members of staff, those who are active first."""

    items: Sequence[MemberView]


class NewMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An account; `id` is the `sub` of the member's tokens, `otp` a code of whoever adds it."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=PERSON_ID_MAX)]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_MAX)]
    email: Annotated[str, msgspec.Meta(min_length=1, max_length=EMAIL_MAX)]
    roles: Roles
    otp: Code


class AccountChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`otp` is a code of whoever changes it. With `fingerprint`, an account that is different is left alone."""

    otp: Code
    fingerprint: Fingerprint | None = None


class RoleChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Exactly these roles, otherwise as any change."""

    roles: Roles
    otp: Code
    fingerprint: Fingerprint | None = None


MEMBER: Final = {
    "id": "mira",
    "name": "Mira",
    "email": "mira@example.com",
    "roles": ["finance"],
    "active": True,
    "has_app": True,
    "fingerprint": "0f1e2d3c4b5a6978",
}
CHANGED: Final = answers(
    HTTPStatus.OK,
    MemberView,
    MEMBER,
    problem_types.OWN_ACCOUNT,
    problem_types.STAFF_CHANGED,
    problem_types.STAFF_INVALID,
    *IN_PERSON,
)
CHANGE: Final = Body(
    examples=[Example(summary="As it was seen", value={"otp": "123456", "fingerprint": "0f1e2d3c"})]
)
OPENED: Final = opened_to(Permission.WRITE_STAFF, Budget.RESOLUTION, json=True)


@get(
    "/",
    opt=opened_to(Permission.SEE_STAFF, Budget.STAFF),
    security=SIGNED_IN,
    summary="Members of staff",
    operation_id="list_staff",
    responses=answers(HTTPStatus.OK, MemberList, {"items": [MEMBER]}, *ALWAYS),
)
async def staff(deps: Deps) -> MemberList:
    """Return all accounts."""
    members = await deps.staff.reads.members(at_most=LISTED_MAX)
    return MemberList(items=[MemberView.of(each) for each in members])


@post(
    "/",
    status_code=HTTPStatus.CREATED,
    opt=OPENED,
    security=SIGNED_IN,
    summary="Add a member of staff",
    operation_id="add_staff",
    responses=answers(
        HTTPStatus.CREATED,
        MemberView,
        {**MEMBER, "has_app": False},
        problem_types.STAFF_EXISTS,
        problem_types.STAFF_INVALID,
        problem_types.CARD_NUMBER,
        *IN_PERSON,
    ),
)
async def add_staff(
    request: By,
    data: Annotated[
        NewMember,
        Body(
            examples=[
                Example(
                    summary="Finance",
                    value={
                        "id": "mira",
                        "name": "Mira",
                        "email": "mira@example.com",
                        "roles": ["finance"],
                        "otp": "123456",
                    },
                )
            ]
        ),
    ],
    deps: Deps,
) -> MemberView:
    """Add an account without an app; the console or the command line sets that up."""
    member = StaffMember(
        id=StaffId(data.id),
        name=on_one_line(data.name),
        email=data.email.strip(),
        roles=frozenset(data.roles),
    )
    await deps.staff.accounts.add(member, _command(request, data.id, data.otp))
    return MemberView.of(member)


@post(
    "/{staff_id:str}/roles",
    status_code=HTTPStatus.OK,
    opt=OPENED,
    security=SIGNED_IN,
    summary="Set the roles of a member of staff",
    operation_id="set_staff_roles",
    responses=CHANGED,
)
async def set_roles(
    request: By,
    staff_id: FromPath[str],
    data: Annotated[
        RoleChange,
        Body(examples=[Example(summary="Support", value={"roles": ["support"], "otp": "123456"})]),
    ],
    deps: Deps,
) -> MemberView:
    """Give exactly these roles; the member's browser sessions end."""
    command = _command(request, staff_id, data.otp, data.fingerprint)
    return MemberView.of(await deps.staff.accounts.set_roles(data.roles, command))


@post(
    "/{staff_id:str}/suspend",
    status_code=HTTPStatus.OK,
    opt=OPENED,
    security=SIGNED_IN,
    summary="Suspend a member of staff",
    operation_id="suspend_staff",
    responses=CHANGED,
)
async def suspend(
    request: By, staff_id: FromPath[str], data: Annotated[AccountChange, CHANGE], deps: Deps
) -> MemberView:
    """Let the member do nothing, whatever their token says; their browser sessions end."""
    command = _command(request, staff_id, data.otp, data.fingerprint)
    return MemberView.of(await deps.staff.accounts.suspend(command))


@post(
    "/{staff_id:str}/resume",
    status_code=HTTPStatus.OK,
    opt=OPENED,
    security=SIGNED_IN,
    summary="Re-admit a member of staff",
    operation_id="resume_staff",
    responses=CHANGED,
)
async def resume(
    request: By, staff_id: FromPath[str], data: Annotated[AccountChange, CHANGE], deps: Deps
) -> MemberView:
    """Let the member do again what their roles permit."""
    command = _command(request, staff_id, data.otp, data.fingerprint)
    return MemberView.of(await deps.staff.accounts.resume(command))


@post(
    "/{staff_id:str}/remove-app",
    status_code=HTTPStatus.OK,
    opt=OPENED,
    security=SIGNED_IN,
    summary="Make the app of a member of staff worthless",
    operation_id="remove_staff_app",
    responses=CHANGED,
)
async def remove_app(
    request: By, staff_id: FromPath[str], data: Annotated[AccountChange, CHANGE], deps: Deps
) -> MemberView:
    """Refuse the codes of a lost or stolen app; the member's browser sessions end."""
    command = _command(request, staff_id, data.otp, data.fingerprint)
    return MemberView.of(await deps.staff.accounts.remove_second_factor(command))


def _command(request: By, staff_id: str, code: str, seen: str | None = None) -> AccountCommand:
    if not is_person_id(staff_id):
        raise NotFound("member of staff", "not an id")
    return AccountCommand(
        staff=StaffId(staff_id),
        by=StaffId(request.user.id),
        origin=origin_of_request(request, Source.ADMIN),
        code=code,
        seen=seen,
    )


staff_routes = Router(
    "/api/admin/staff",
    route_handlers=[staff, add_staff, set_roles, suspend, resume, remove_app],
    tags=["Staff"],
)
