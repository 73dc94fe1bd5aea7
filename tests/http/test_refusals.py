"""Every refusal that a page can show to a student is told in a person's words."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest
from litestar.routes import HTTPRoute

from adapters.translations.shipped import shipped
from application.checkout.idempotency import PaymentInProgress
from domain.catalogue.amount_limits import AmountOutOfLimits
from domain.catalogue.discount import DiscountRefusal, DiscountRefused
from domain.catalogue.expected_quote import PriceChanged
from domain.errors import DomainError
from domain.money import Money
from domain.payments.cancellation import NotCancellable
from domain.payments.payment_state import State
from domain.payments.retry import RetryRefusal, RetryRefused
from domain.staff.access import Permission
from domain.tax.gst import (
    AddressRequired,
    BuyerInvalid,
    OwnGstin,
    SpecialZoneUnsupported,
    StateDisagrees,
)
from domain.tax.gstin import BadGstin, GstinFault
from domain.tax.indian_states import NotSoldAbroad, UnknownState, indian_state
from domain.text.language import Language, Translations
from entrypoints.http.problem_types import PROBLEM_TYPES
from entrypoints.http.problems import ADDRESS_WORDS, Problem, as_problem
from entrypoints.http.refusals import WORDS, told, wait_words
from fakes.clock import NOON
from fakes.samples import payment_id
from worlds.http import FORM, Client, HttpWorld, signed_in
from worlds.lent_apps import laid_out
from worlds.settings import settings_with

HERE: Final = payment_id(1)
CASES: Final[tuple[DomainError, ...]] = (
    *(AddressRequired(rule) for rule in ADDRESS_WORDS),
    *(BuyerInvalid(field, "it is blank") for field in ("name", "address")),
    *(BadGstin(fault) for fault in GstinFault),
    *(DiscountRefused("TEN", reason) for reason in DiscountRefusal),
    *(RetryRefused(reason, HERE) for reason in RetryRefusal),
    StateDisagrees(declared=indian_state("27"), registered=indian_state("29")),
    UnknownState(""),
    UnknownState("98"),
    NotSoldAbroad(),
    OwnGstin(),
    SpecialZoneUnsupported(),
    AmountOutOfLimits(Money(999), Money(1000), Money(5_00_000_00)),
    PriceChanged(Money(1000), Money(2000)),
    PriceChanged(None, Money(2000)),
    PaymentInProgress(HERE, None, NOON + timedelta(minutes=15), Money(1000)),
    *(NotCancellable(HERE, state) for state in State),
)
OTHERS: Final = [each for each in shipped().values() if each.language is not Language.ENGLISH]
OF_STUDENTS: Final = frozenset({Permission.PAY, Permission.SEE_OWN_PAYMENTS})

OF_PROGRAMS: Final = re.compile(
    r"_|`|''|\"|\bnull\b|\bNone\b|permission|payments:|Rule \d|\btoken\b|\bheader\b|\bHTTP\b|\bJSON\b|Retry-After|"
    r"Idempotency|\bendpoint\b|\b\w+\.\w+\b(?<!\d)|field is",
    re.IGNORECASE,
)


def slugs_of_students() -> Iterator[str]:
    """Walk the problems that the routes of students say they may answer."""
    for route in laid_out(settings_with()).routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if handler.opt.get("public") or handler.opt.get("permission") in OF_STUDENTS:
                for answer in (handler.responses or {}).values():
                    for example in answer.examples or ():
                        if isinstance(example.value, dict) and "detail" in example.value:
                            yield str(example.value["type"]).rpartition("/")[2]


def test_every_refusal_of_a_student_has_words() -> None:
    """
    A new one of theirs fails here until somebody decides in which words it is read.
    """
    known = WORDS.keys() | {as_problem(error).kind.slug for error in CASES}
    found = set(slugs_of_students())

    assert {"live-attempt-exists", "not-found", "internal"} <= found
    assert found - known == set()


@pytest.mark.parametrize("error", CASES, ids=lambda error: f"{type(error).__name__}: {error}")
def test_a_refusal_is_a_sentence_for_people(error: DomainError) -> None:
    """
    No code, no field's name, no paragraph of a law, and at its field the same.
    """
    problem = as_problem(error)
    texts = [told(problem), *(each.detail for each in problem.members.get("errors", ()))]

    for text in texts:
        assert not OF_PROGRAMS.search(text), text
        assert "  " not in text
    assert told(problem)[0].isupper()
    assert told(problem).endswith(".")


@pytest.mark.parametrize("error", CASES, ids=lambda error: f"{type(error).__name__}: {error}")
@pytest.mark.parametrize("say", OTHERS, ids=lambda say: say.language)
def test_a_refusal_is_said_in_each_language(say: Translations, error: DomainError) -> None:
    """
    Its title, what it says, and what stands at the field.
    """
    problem = as_problem(error)
    texts = [told(problem), *(each.detail for each in problem.members.get("errors", ()))]

    for text in (problem.kind.title, *texts):
        assert say.knows(text), text
    told_there = problem.body(say)
    assert told_there["detail"] != problem.detail
    assert type(told_there["detail"]) is str
    assert told_there["status"] == problem.kind.status


@pytest.mark.parametrize("slug", WORDS)
def test_what_is_told_by_its_slug_is_for_people_too(slug: str) -> None:
    """
    And says what to do, or that nothing happened.
    """
    (kind,) = (each for each in PROBLEM_TYPES if each.slug == slug)
    text = told(Problem(kind=kind, detail=kind.meaning))

    assert not OF_PROGRAMS.search(text), text
    assert text[0].isupper()
    assert text.endswith(".")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [("1", "1 second"), ("2", "2 seconds"), ("60", "60 seconds"), ("61", "2 minutes")],
)
def test_a_wait_is_told_in_words(seconds: str, words: str) -> None:
    """
    Never too short.
    """
    assert wait_words(seconds) == words


async def test_pages_tell_people(client: Client, world: HttpWorld) -> None:
    """
    Staff in the shop, a form without its token, a State that was not chosen, and an address that is none.
    """
    staff = await client.get("/checkout/algebra", headers=world.bearer("mira", "finance"))
    token = await signed_in(client, world)
    forged = await client.post("/checkout/algebra", content="name=x", headers=FORM)
    form = {"name": "Asha", "state_code": "", "gstin": "27AAPFU0939F1ZX", "csrf_token": token}
    stateless = await client.post("/checkout/algebra", data=form)
    mistyped = await client.post("/checkout/algebra", data=form | {"state_code": "27"})

    assert WORDS["not-allowed"].replace("'", "&#39;") in staff.text
    assert WORDS["form-token-refused"] in forged.text
    assert "Choose your State or union territory." in stateless.text
    assert "Its last character does not agree with the others" in mistyped.text
    for page in (staff, forged, stateless, mistyped):
        main = re.sub(r"<[^>]*>", " ", page.text.partition("<main")[2].partition("</main>")[0])
        assert not re.search(r"payments:|check_digit|Rule \d|\b1 seconds", main)
