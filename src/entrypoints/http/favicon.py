"""The icon that browsers ask for at the root where a page names none, such as beside an answer in JSON."""

from litestar import get
from litestar.response import Redirect
from litestar.status_codes import HTTP_308_PERMANENT_REDIRECT

from entrypoints.http.security.guards import public


@get(
    "/favicon.ico",
    status_code=HTTP_308_PERMANENT_REDIRECT,
    opt=public(None, for_everybody=True),
    include_in_schema=False,
)
async def favicon() -> Redirect:
    """Lead to the file, which browsers and proxies may keep."""
    return Redirect("/static/favicon.ico", status_code=HTTP_308_PERMANENT_REDIRECT)
