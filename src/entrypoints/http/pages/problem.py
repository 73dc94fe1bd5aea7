"""What a problem means, at the address that answers give as its type."""

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Template

from entrypoints.http.dependencies import Deps
from entrypoints.http.page import PageRequest, page
from entrypoints.http.problem_types import BY_SLUG
from entrypoints.http.problem_values import values_of
from entrypoints.http.security.guards import public


@get("/problems/{slug:str}", opt=public(page=True), include_in_schema=False)
async def problem_page(request: PageRequest, deps: Deps, slug: FromPath[str]) -> Template:
    """Show one problem's meaning and remedy."""
    if slug not in BY_SLUG:
        raise NotFoundException
    kind = BY_SLUG[slug]
    told = kind.type_at(deps.settings.public_url)
    return page(request, "problem_type.html", kind=kind, type=told, values=values_of(kind))
