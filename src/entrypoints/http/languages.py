"""In which language a person is answered: the one they chose here, otherwise the one that their browser prefers."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Final, cast

from jinja2 import Environment
from litestar import Request
from litestar.datastructures import Cookie

from domain.text.language import IN_ENGLISH, Language, Translations

COOKIE: Final = "shulk-language"
KEPT: Final = timedelta(days=365)
NAMES: Final[Mapping[Language, str]] = {Language.ENGLISH: "English", Language.HINDI: "हिन्दी"}
"""Each in itself, so that whoever looks for it can read it."""

KNOWN: Final = frozenset(each.value for each in Language)
PREFERENCES_MAX: Final = 20

AnyRequest = Request[Any, Any, Any]


def chosen_language(request: AnyRequest) -> Language | None:
    """Return the language that was chosen here or that the browser prefers, None where neither says one of ours."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in KNOWN:
        return Language(chosen)
    return preferred(request.headers.get("accept-language", ""))


def language_of(request: AnyRequest) -> Language:
    """Return the language in which the request is answered."""
    return chosen_language(request) or Language.ENGLISH


def translations_of(request: AnyRequest) -> Translations:
    """Return the words of the language in which the request is answered."""
    translations: Mapping[Language, Translations] = request.app.state.deps.translations
    return translations.get(language_of(request), IN_ENGLISH)


def preferred(accepted: str) -> Language | None:
    """Return the language of ours that *accepted*, an ``Accept-Language`` (RFC 9110, 12.5.4), puts first."""
    best, weight = None, 0.0
    for each in accepted.split(",")[:PREFERENCES_MAX]:
        tag, _, parameter = each.strip().lower().partition(";")
        primary, asked = tag.strip().partition("-")[0], _weight(parameter)
        if primary in KNOWN and asked > weight:
            best, weight = Language(primary), asked
    return best


def language_cookie(language: Language, *, over_https: bool) -> Cookie:
    """Return the cookie that keeps the choice; it says nothing of who chose."""
    return Cookie(
        key=COOKIE,
        value=language.value,
        max_age=int(KEPT.total_seconds()),
        path="/",
        httponly=True,
        secure=over_https,
        samesite="lax",
    )


@cache
def said_in_templates(translations: Callable[[str], str]) -> Callable[..., str]:
    """Return what templates call as ``_``: it escapes each fact, and leaves the marks of our own words."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        translations, lambda one, many, count: one if count == 1 else many, newstyle=True
    )
    return cast("Callable[..., str]", environment.globals["gettext"])


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
