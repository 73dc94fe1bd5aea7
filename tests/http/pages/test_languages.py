"""The language of a page: chosen by a switch on it, guessed from the browser before, and kept for letters."""

import re
from dataclasses import replace
from html import unescape
from typing import Final

import pytest

from adapters.fake.script import Outcome
from domain.identifiers import PaymentId
from domain.text.language import Language
from entrypoints.http.languages import COOKIE, preferred
from fakes.samples import a_course
from worlds.http import CHECKOUT, FORM, Client, HttpWorld, begun_payment, signed_in
from worlds.settings import settings_with

IN_HINDI: Final = {"Accept-Language": "hi-IN,hi;q=0.9,en;q=0.8"}
ALIKE: Final = re.compile(
    r"\b(GST|GSTIN|CGST|SGST|IGST|ARN|UPI|OTP|IST|PDF|SEZ|HDFC|SHA|English|Asha|Ravi|INV|CRN|TEN|"
    r"MG Road|Pune|Shulk|Example|Academy|All about (algebra|history)|[a-z0-9.+-]+@[a-z.]+|VISA)\b"
)
LATIN: Final = re.compile(r"[A-Za-z]{2,}")
WITH_ADDRESS: Final = CHECKOUT["billing"] | {"address": "12 MG Road, Pune 411001"}


def english_left(page: str) -> list[str]:
    """Return the words in Latin letters that a person reads on *page*, without names, ids and codes."""
    shown = re.sub(r"<(code|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    attributes = " ".join(re.findall(r'\b(?:alt|aria-label|title|placeholder)="([^"]*)"', shown))
    text = unescape(f"{attributes} {re.sub(r'<[^>]*>', ' ', shown)}")
    return LATIN.findall(ALIKE.sub("", re.sub(r"\b(?:INV|CRN|SK|RF)[A-Z0-9/-]+", "", text)))


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", None),
        ("hi", Language.HINDI),
        ("HI-in", Language.HINDI),
        ("en-GB,en;q=0.9,hi;q=0.8", Language.ENGLISH),
        ("ta-IN, hi;q=0.7, en;q=0.6", Language.HINDI),
        ("fr, de;q=0.5", None),
        ("hi;q=0, en;q=0.1", Language.ENGLISH),
        ("hi;q=zero", None),
        ("hi;level=1", Language.HINDI),
        (",".join(["fr"] * 20 + ["hi"]), None),
    ],
)
def test_the_browser_says_what_its_owner_reads(accepted: str, language: Language | None) -> None:
    """
    The language of ours with the highest weight, whatever stands around it.
    """
    assert preferred(accepted) is language


async def test_a_page_is_in_the_language_of_the_browser(client: Client) -> None:
    """
    And says so, so that it is read aloud rightly; the switch names the other one in its own letters.
    """
    hindi = (await client.get("/", headers=IN_HINDI)).text
    english = (await client.get("/")).text

    assert '<html lang="hi-IN">' in hindi
    assert "सभी" not in english
    assert 'lang="en">English</button>' in hindi
    assert '<html lang="en-IN">' in english
    assert 'lang="hi">हिन्दी</button>' in english


async def test_the_choice_is_kept(client: Client) -> None:
    """
    In a cookie that counts before what the browser prefers, and the same page is shown again.
    """
    chosen = await client.post(
        "/language", data={"language": "hi", "next": "/?a=b"}, follow_redirects=False
    )
    cookie = chosen.headers["set-cookie"]

    assert chosen.headers["location"] == "/?a=b"
    assert f"{COOKIE}=hi" in cookie
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert 'lang="hi-IN"' in (await client.get("/", headers={"Accept-Language": "en"})).text


@pytest.mark.parametrize(
    ("form", "status", "where"),
    [
        ({"language": "xx"}, 422, None),
        ({}, 422, None),
        ({"language": "hi", "next": "https://evil.example/"}, 303, "/"),
    ],
)
async def test_only_our_languages_and_our_pages(
    client: Client, form: dict[str, str], status: int, where: str | None
) -> None:
    """
    A language that is none is refused, and the switch leads nowhere else.
    """
    answer = await client.post("/language", data=form, follow_redirects=False)

    assert answer.status_code == status
    assert answer.headers.get("location") == where


async def test_a_cookie_that_is_none_of_ours_says_nothing(client: Client) -> None:
    """
    The browser's own preference counts then.
    """
    answer = await client.get("/", headers=IN_HINDI | {"Cookie": f"{COOKIE}=<script>"})

    assert 'lang="hi-IN"' in answer.text


async def test_every_page_of_a_student_is_in_hindi(world: HttpWorld) -> None:
    """
    Courses, checkout with its faults, the payment in each state, history, sessions, and what is refused.
    """
    world = HttpWorld(settings_with(seller_name="Shulk", seller_support_email="a@example.com"))
    async with world.serve() as client:
        token = await signed_in(client, world)
        headers = {**IN_HINDI, "X-CSRF-Token": token}
        paid = await begun_payment(client, headers, discount_code="TEN")
        pages = [await client.get(f"/result/{paid}", headers=headers)]
        blank = {"csrf_token": token, "name": "", "state_code": "", "gstin": "27AAPFU0939F1ZX"}
        pages.append(await client.post("/checkout/algebra", data=blank, headers=headers))
        sent = {"csrf_token": token, "name": "Ravi", "state_code": "29", "key": "k" * 20}
        pages.append(await client.post("/checkout/algebra", data=sent, headers=headers))
        world.pay(paid)
        await client.get(f"/result/{paid}", headers=headers)
        await world.file_due_documents()
        failed = await begun_payment(client, headers, course_id="history", billing=WITH_ADDRESS)
        world.pay(failed, Outcome.FAILURE)
        paths = ["/", "/checkout/history", "/payments", "/payments?show=refunded", "/sessions"]
        paths += [f"/{page}/{each}" for page in ("payments", "result") for each in (paid, failed)]
        headers["Accept"] = "text/html"
        pages += [await client.get(path, headers=headers) for path in (*paths, "/nowhere")]

    for page in pages:
        assert english_left(page.text) == [], page.url
        assert 'lang="hi-IN"' in page.text


async def test_amounts_and_dates_are_as_people_in_india_write_them(
    client: Client, world: HttpWorld
) -> None:
    """
    Lakhs are grouped as lakhs in Hindi too, and months have their Hindi names.
    """
    payment = await begun_payment(client, world.bearer(), course_id="history", billing=WITH_ADDRESS)
    listed = (await client.get("/", headers=IN_HINDI)).text
    own = (await client.get(f"/payments/{payment}", headers=world.bearer() | IN_HINDI)).text

    assert "₹60,000.00" in listed
    assert re.search(r"\d जुलाई \d{4}, \d\d:\d\d IST|\d [ऀ-ॿ]+ \d{4}, \d\d:\d\d IST", own)


async def test_a_payment_remembers_the_language(client: Client, world: HttpWorld) -> None:
    """
    That of the request which began it; a retry takes the one of its own day, or keeps it.
    """
    first = await begun_payment(client, world.bearer() | IN_HINDI)
    world.pay(first, Outcome.FAILURE)
    await client.get(f"/api/payment/status/{first}", headers=world.bearer())
    kept = await client.post(f"/api/payment/retry/{first}", headers=world.bearer())
    second = kept.json()["transaction_id"]
    world.pay(second, Outcome.FAILURE)
    await client.get(f"/api/payment/status/{second}", headers=world.bearer())
    changed = await client.post(
        f"/api/payment/retry/{second}", headers=world.bearer() | {"Accept-Language": "en"}
    )
    third = changed.json()["transaction_id"]
    payments = world.memory.store.payments

    languages = [payments[PaymentId(each)].student.language for each in (first, second, third)]
    assert languages == [Language.HINDI, Language.HINDI, Language.ENGLISH]


async def test_programs_are_answered_in_the_language_they_ask_for(
    client: Client, world: HttpWorld
) -> None:
    """
    What is said of a problem, never its type or its fields; English without a wish, and then no language is named.
    """
    wanted = {**CHECKOUT, "billing": {**CHECKOUT["billing"], "state_code": ""}}
    hindi = await client.post("/api/payment/quote", json=wanted, headers=world.bearer() | IN_HINDI)
    plain = await client.post("/api/payment/quote", json=wanted, headers=world.bearer())

    assert hindi.headers["content-language"] == "hi"
    assert hindi.json()["detail"] == "अपना राज्य या केंद्र शासित प्रदेश चुनें।"
    assert hindi.json()["errors"][0]["detail"] == "अपना राज्य या केंद्र शासित प्रदेश चुनें"
    assert hindi.json()["type"] == plain.json()["type"]
    assert "content-language" not in plain.headers
    assert plain.json()["detail"] == "Choose your State or union territory."


async def test_staff_and_developers_read_english(client: Client, world: HttpWorld) -> None:
    """
    The console and the pages about the interface are in one language, and offer no other.
    """
    for path in ("/console/sign-in", "/api/docs", "/problems/not-found"):
        page = await client.get(path, headers=world.bearer() | IN_HINDI)
        assert 'lang="en' in page.text, path
        assert "/language" not in page.text


async def test_the_switch_of_a_refused_form_leads_to_its_page(
    client: Client, world: HttpWorld
) -> None:
    """
    Not to an address that takes forms alone.
    """
    token = await signed_in(client, world)
    refused = await client.post(
        "/checkout/algebra/price", content=f"name=&csrf_token={token}", headers=FORM
    )

    assert 'name="next" value="/checkout/algebra"' in refused.text


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_what_was_typed_is_escaped_in_each_language(
    client: Client, world: HttpWorld, language: str
) -> None:
    """
    A title with marks in it stands in a sentence of ours as it was written.
    """
    title = "<b>All & more</b>"
    world.sell(replace(a_course("marks"), title=title))
    payment = await begun_payment(client, world.bearer(), course_id="marks")
    world.pay(payment)
    page = await client.get(
        f"/result/{payment}", headers=world.bearer() | {"Accept-Language": language}
    )

    assert "<strong>&lt;b&gt;All &amp; more&lt;/b&gt;</strong>" in page.text
    assert title not in page.text
