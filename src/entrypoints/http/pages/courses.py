"""The front page: what can be bought, and for how much."""

from typing import Final

from litestar import get
from litestar.response import Template

from entrypoints.http.dependencies import Deps
from entrypoints.http.page import PageRequest, page
from entrypoints.http.security.guards import public

COURSES_MAX: Final = 100


@get("/", opt=public(page=True), include_in_schema=False)
async def course_list(request: PageRequest, deps: Deps) -> Template:
    """Show the courses that are on sale."""
    courses = await deps.catalogue.on_sale.courses(active_only=True, at_most=COURSES_MAX)
    return page(request, "courses.html", courses=courses)
