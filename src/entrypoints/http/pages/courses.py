"""The front page: what can be bought, and for how much."""

from typing import Final

from litestar import get
from litestar.response import Template

from domain.staff.access import Permission
from entrypoints.http.dependencies import Deps
from entrypoints.http.page import PageRequest, page
from entrypoints.http.security.guards import public
from entrypoints.http.security.identity import Caller

COURSES_MAX: Final = 100


@get("/", opt=public(page=True), include_in_schema=False)
async def course_list(request: PageRequest, deps: Deps) -> Template:
    """Show the courses that are on sale, and to a student which of them are open already."""
    courses = await deps.catalogue.on_sale.courses(active_only=True, at_most=COURSES_MAX)
    caller: Caller | None = request.user
    mine = caller is not None and caller.may(Permission.SEE_OWN_PAYMENTS)
    owned = await deps.payments.open_courses(caller.id) if caller and mine else {}
    return page(request, "courses.html", courses=courses, owned=owned)
