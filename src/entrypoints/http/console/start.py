"""The console's first page: what a member of staff may do here."""

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.response import Template

from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import ELSEWHERE
from entrypoints.http.page import CONSOLE, PageRequest


@get(CONSOLE, opt=opened("GET", CONSOLE), include_in_schema=False)
async def start(request: PageRequest) -> Template:
    """Show the pages that the member of staff may open."""
    return console_page(request, "start.html")


@get(ELSEWHERE, opt=opened("GET", ELSEWHERE), include_in_schema=False)
async def elsewhere() -> Template:
    """Tell in the console's frame that there is nothing at this address."""
    raise NotFoundException
