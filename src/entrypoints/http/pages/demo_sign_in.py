"""The demo's own sign-in: pick a made-up person; with production settings it does not exist."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec
import pyotp
from litestar import Router, get, post
from litestar.response import Response, Template

from domain.staff.access import Role
from entrypoints.http import problem_types
from entrypoints.http.dependencies import Deps
from entrypoints.http.page import PageRequest, local_path, page
from entrypoints.http.pages.sign_in import enter
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import public
from entrypoints.http.security.identity import Caller, TokenInvalid
from entrypoints.http.security.rate_limits import Budget
from entrypoints.settings.settings import Settings

PEOPLE_MAX: Final = 50


class DemoPerson(msgspec.Struct, frozen=True):
    """One of the demo's people, as the demo writes them down; *totp_secret* is that of their app."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...] = (Role.STUDENT.value,)
    totp_secret: str = ""


def people_of(settings: Settings) -> list[DemoPerson]:
    """Return the demo's people, none when the demo did not write any down."""
    path = settings.demo_people_file
    if path is None:
        return []
    return msgspec.json.decode(path.read_bytes(), type=list[DemoPerson])[:PEOPLE_MAX]


def demo_code(settings: Settings, who: str, at: datetime) -> str:
    """Return the code that the app of *who* shows *at* this instant, nothing for whom the demo does not know."""
    if not settings.demo_sign_in:
        return ""
    secrets = {each.id: each.totp_secret for each in people_of(settings)}
    secret = secrets.get(who, "")
    return pyotp.TOTP(secret).at(int(at.timestamp())) if secret else ""


def demo_routes(settings: Settings) -> list[Router]:
    """Return the demo's sign-in where settings allow it; asking for it in production is an error."""
    if not settings.demo_sign_in:
        return []
    if settings.is_production:
        raise RuntimeError("the demo's sign-in refuses to start with production settings")
    return [Router("/demo", route_handlers=[choose, sign_in], include_in_schema=False)]


@get("/sign-in", opt=public(page=True))
async def choose(request: PageRequest, deps: Deps) -> Template:
    """Show the people to choose from, and a form for any other made-up person."""
    onward = local_path(request.query_params.get("next", "/"))
    return page(request, "demo_sign_in.html", people=people_of(deps.settings), next=onward)


@post("/sign-in", status_code=HTTPStatus.OK, opt=public(Budget.SIGN_IN, page=True))
async def sign_in(request: PageRequest, deps: Deps) -> Response[Any]:
    """Sign the chosen person in."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    known = {each.id: each for each in people_of(deps.settings)}
    chosen = known.get(form.get("id", ""))
    if known and chosen is None:
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such person in the demo.")
    said = {
        "sub": form.get("id", ""),
        "name": chosen.name if chosen else form.get("name", ""),
        "email": chosen.email if chosen else form.get("email", ""),
        "roles": list(chosen.roles) if chosen else [Role.STUDENT.value],
    }
    try:
        caller = Caller.from_claims(said)
    except TokenInvalid as error:
        raise HttpProblem(problem_types.REQUEST_INVALID, f"Not usable: {error.why}.") from None
    if caller.unusable:
        parts = ", ".join(f"{name}: {why}" for name, why in caller.unusable.items())
        raise HttpProblem(problem_types.REQUEST_INVALID, f"Not usable: {parts}.")
    return await enter(request, deps, caller, form.get("next", "/"), by_form=True)
