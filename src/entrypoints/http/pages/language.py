"""The switch of the language, on every page of students."""

from litestar import post
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from domain.text.language import Language
from entrypoints.http import problem_types
from entrypoints.http.languages import KNOWN, language_cookie
from entrypoints.http.page import PageRequest, local_path
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.browser_session import SessionCookies
from entrypoints.http.security.guards import public
from entrypoints.http.security.rate_limits import Budget


@post(
    "/language",
    status_code=HTTP_303_SEE_OTHER,
    opt=public(Budget.READ, page=True),
    include_in_schema=False,
)
async def choose_language(request: PageRequest) -> Redirect:
    """Keep the language that was chosen in a cookie, and show the page again."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    chosen = form.get("language", "")
    if chosen not in KNOWN:
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such language here.")
    cookies: SessionCookies = request.app.state.session_cookies
    return Redirect(
        local_path(form.get("next", "/")),
        status_code=HTTP_303_SEE_OTHER,
        cookies=[language_cookie(Language(chosen), over_https=cookies.over_https)],
    )
