"""What all pages share: who is signed in, the form token, and whom to ask for help."""

import re
from calendar import month_name
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, unquote

from litestar import MediaType, Request
from litestar.response import Template
from markupsafe import Markup, escape

from domain.business_day import IST
from domain.money import Money
from domain.payments.payment_method import METHOD_WORDS
from domain.staff.access import Permission
from domain.text.card_number import contains_card_number
from domain.text.language import IN_ENGLISH, Translations
from entrypoints.http.dependencies import Dependencies
from entrypoints.http.languages import NAMES, said_in_templates, translations_of
from entrypoints.http.refusals import told, wait_words
from entrypoints.http.security.browser_session import SessionCookies
from entrypoints.settings.settings import Settings

CODED: Final = re.compile(r"`([^`<]*)`")
LOCAL_PATH_MAX: Final = 300
CONSOLE: Final = "/console"
"""Where staff work; students' pages lead there."""

OF_OTHERS: Final = ("console/", "docs.html", "problem_type.html")
"""The pages of staff and of developers, which are in English."""

SAFE: Final = frozenset({"GET", "HEAD"})
ACTS: Final = frozenset({"price", "retry", "cancel", "check"})
"""The last part of the address of a form; its page stands above it."""

POLICIES: Final = ("Terms", "Privacy", "Refunds and cancellation")

PageRequest = Request[Any, Any, Any]
"""The user is a ``Caller`` or None."""


def page(
    request: PageRequest, name: str, *, status: HTTPStatus = HTTPStatus.OK, **context: Any
) -> Template:
    """Return the page *name* with *context* and what every page needs."""
    return Template(
        name,
        context=shared(request, in_english=name.startswith(OF_OTHERS)) | context,
        status_code=status,
        media_type=MediaType.HTML,
    )


def shared(request: PageRequest, *, in_english: bool = False) -> dict[str, Any]:
    """Return what every page shows, in the language of whoever asks, or *in_english*."""
    say = IN_ENGLISH if in_english else translations_of(request)
    others = [each for each in NAMES if each is not say.language]
    deps: Dependencies = request.app.state.deps
    cookies: SessionCookies = request.app.state.session_cookies
    caller = request.scope.get("user")
    return {
        "caller": caller,
        # An address without a route is refused before anybody asks who it is.
        "looked_up": "user" in request.scope,
        "has_console": bool(caller) and caller.may(Permission.USE_CONSOLE),
        "has_payments": bool(caller) and caller.may(Permission.SEE_OWN_PAYMENTS),
        "form_token": cookies.form_token(caller.session) if caller and caller.session else "",
        "seller": deps.settings.seller_name,
        "support": deps.settings.seller_support_email,
        "demo": deps.settings.demo_sign_in,
        "course_link": deps.settings.course_link,
        "sign_in_link": _sign_in_link(deps.settings),
        "policies": _policies(deps.settings),
        "rupees": rupees,
        "in_india": partial(in_india, say=say),
        "on_day": partial(on_day, say=say),
        "method_words": partial(method_words, say=say),
        "say": say,
        "_": said_in_templates(say),
        "gettext": said_in_templates(say),
        "language": say.language.value,
        "language_names": NAMES,
        "other_language": None if in_english else others[0],
        "here": _here(request),
        "coded": coded,
        "told": told,
        "wait_words": wait_words,
    }


def _sign_in_link(settings: Settings) -> Callable[[str], str | None]:
    if settings.demo_sign_in:
        return lambda path: f"/demo/sign-in?next={quote(path)}"
    return settings.sign_in_link


def _policies(settings: Settings) -> list[tuple[str, str]]:
    """Return what a page's foot links to, each with its words; only what is set."""
    known = (settings.terms_url, settings.privacy_url, settings.refund_policy_url)
    return [(words, address) for words, address in zip(POLICIES, known, strict=True) if address]


def rupees(amount: Money | str) -> str:
    """Return *amount* as people in India read it: ``₹1,180.00``, and ``-₹90.00`` below zero."""
    return str(amount if isinstance(amount, Money) else Money.from_rupees(amount))


def in_india(at: datetime, *, seconds: bool = False, say: Translations = IN_ENGLISH) -> str:
    """Return *at* as a date and time in India, to the minute or, with *seconds*, to the second."""
    local = at.astimezone(IST)
    return f"{on_day(local, say=say)}, {local:{'%H:%M:%S' if seconds else '%H:%M'}} IST"


def on_day(day: date, *, say: Translations = IN_ENGLISH) -> str:
    """Return *day* as people write it: ``3 August 2026``."""
    return f"{day.day} {say(month_name[day.month])} {day.year}"


def method_words(method: str, *, say: Translations = IN_ENGLISH) -> str:
    """Return how a payment was paid, such as ``Card VISA •••• 4242``, with the kind of it said by *say*."""
    for words in METHOD_WORDS.values():
        if method == words or method.startswith(f"{words} "):
            return f"{say(words)}{method.removeprefix(words)}"
    return method


def _here(request: PageRequest) -> str:
    """
    Return the page that is shown, as it is asked for again: what a form was sent to is not.

    An address that holds a card number is not repeated.
    """
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    if contains_card_number(unquote(f"{path}?{query}")):
        return "/"
    if request.method not in SAFE:
        whole, _, act = path.rpartition("/")
        return local_path(whole if act in ACTS else path)
    return local_path(f"{path}?{query}" if query else path)


def coded(text: str) -> Markup:
    """Return *text* escaped, with what stands between backticks set as code."""
    return Markup(CODED.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just before


def local_path(offered: str) -> str:
    """Return *offered* if it is a path of this service, otherwise the front page."""
    fine = (
        offered.startswith("/")
        and not offered.startswith(("//", "/\\"))
        and len(offered) <= LOCAL_PATH_MAX
        and offered.isascii()
        and offered.isprintable()
        and "\\" not in offered
    )
    return offered if fine else "/"
