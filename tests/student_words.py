"""Every English word of ours that a student may read: in templates, in code, and in the tables of words."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

from jinja2 import Environment
from jinja2.ext import extract_from_ast

import adapters.smtp
import entrypoints.http
from adapters.smtp import email_texts
from domain.payments.failure_reason import HINTS
from domain.payments.payment_method import METHOD_WORDS
from domain.tax.gstin import GstinFault
from domain.tax.indian_states import STATES
from entrypoints.http import problems, refusals
from entrypoints.http.page import POLICIES
from entrypoints.http.pages import check, checkout, history, result, sessions, timeline
from entrypoints.http.problem_types import PROBLEM_TYPES
from entrypoints.wiring.privacy_notice import CONSENT

PAGES: Final = Path(entrypoints.http.__file__).with_name("templates")
EMAILS: Final = Path(adapters.smtp.__file__).with_name("templates")
SOURCES: Final = Path(entrypoints.http.__file__).parents[2]
OF_STAFF: Final = frozenset(
    {"docs.html", "problem_type.html", "alert.html", "alert.txt"}
    | {"reconciliation_summary.html", "reconciliation_summary.txt"}
)
"""Templates of staff and of developers, which are in English."""

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
SAID_BY: Final = frozenset({"say"})
OF_STUDENTS: Final = frozenset(refusals.WORDS) | {
    *("discount-refused", "amount-out-of-limits", "address-required", "billing-invalid"),
    *("state-unknown", "not-sold-abroad", "state-disagrees", "gstin-invalid"),
    *("special-zone-unsupported", "price-changed", "live-attempt-exists", "retry-refused"),
    *("not-cancellable",),
}
"""The problems that a page can show to a student, by their slugs."""


OTHERS: Final = (
    *("name", "address", "it is blank", "it holds control characters", "it is too long"),
    "it holds what looks like a card number",
    "it is needed before the payment is opened",
    "it is given to words that have changed since",
    "choose your State or union territory",
    "Choose your State or union territory.",
    "This payment is over already.",
    "Courses are sold within India only; 96 is a place abroad.",
    "This is the seller's own GSTIN; write the buyer's, or leave it out.",
    "A unit or developer of a special economic zone cannot be billed here yet; please write to us.",
    "A payment for this course is under way; continue it or wait for its end.",
)
"""What refusals hold beside the tables; a test of the refusals knows when one is missing here."""


def templates() -> list[Path]:
    """Return the templates of what students read: pages of their own, and emails to them."""
    found = [*PAGES.glob("*.html"), *EMAILS.iterdir()]
    return sorted(path for path in found if path.name not in OF_STAFF)


@cache
def of_templates() -> set[str]:
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    texts: set[str] = set()
    for path in templates():
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for line, _, words in extract_from_ast(tree, ("_", "gettext"), babel_style=False):
            assert words, f"{path.name}, line {line}: the words vary"
            texts.add(str(words[0]))
    return texts


@cache
def of_code() -> set[str]:
    """Return the words with which ``say`` and ``Sentence.of`` are called."""
    return {words for path in SOURCES.rglob("*.py") for words in _called(path)}


def _called(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    if "say(" not in source and "Sentence.of(" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Name(id="say") | ast.Attribute(value=ast.Name(id="Sentence"), attr="of"),
                args=[ast.Constant(value=str(words)), *_],
            ):
                yield words


def of_tables() -> set[str]:
    kinds = [each for each in PROBLEM_TYPES if each.slug in OF_STUDENTS]
    return set(
        chain(
            MONTHS,
            (CONSENT,),
            HINTS.values(),
            METHOD_WORDS.values(),
            (fault.words for fault in GstinFault),
            (state.name for state in STATES.values()),
            (kind.title for kind in kinds),
            refusals.WORDS.values(),
            problems.DISCOUNT_WORDS.values(),
            problems.RETRY_WORDS.values(),
            problems.CANCELLING_WORDS.values(),
            problems.ADDRESS_WORDS.values(),
            problems.STATE_FAULTS.values(),
            (words for _, words in problems.BUYER_FAULTS.values()),
            OTHERS,
            check.KINDS.values(),
            history.FILTER_WORDS.values(),
            history.STATE_WORDS.values(),
            result.REFUND_WORDS.values(),
            timeline.STEP_WORDS.values(),
            (timeline.ENROLLED, sessions.SOME_BROWSER, *POLICIES),
            checkout.COMPARED.values(),
            email_texts.CLOSED.values(),
            email_texts.ENCLOSED.values(),
            (email_texts.REVIEWED, email_texts.OTHERWISE),
            (email_texts.GOING_BACK, email_texts.GONE_BACK),
        )
    )
