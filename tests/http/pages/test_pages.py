"""The pages as a browser without scripts gets them: truthful in every state, and safe with any text."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from adapters.fake.script import Fault, Outcome
from domain.identifiers import PaymentId
from domain.money import Money
from domain.payments.failure_reason import FailureReason
from domain.payments.order_facts import OrderFacts, Verdict
from domain.tax.gst import PriceMode
from entrypoints.settings.settings import Environment
from fakes.samples import a_course
from ports.payments.payment_gateway import GatewayOperation
from worlds.http import Client, HttpWorld, begun_payment, signed_in
from worlds.settings import BANK, settings_with

PAGE: Final = "/checkout/algebra"
FIRST_PAGE_BYTES_MAX: Final = 60_000
FILLED: Final = {"name": "Asha", "state_code": "27"}


async def test_the_list_shows_what_is_on_sale(client: Client, world: HttpWorld) -> None:
    """
    Titles and prices; what is off sale is not shown.
    """
    world.sell(a_course("secret", active=False))
    text = (await client.get("/")).text

    assert "All about algebra" in text
    assert "₹60,000.00" in text
    assert "secret" not in text


async def test_an_empty_shop_says_so(client: Client, world: HttpWorld) -> None:
    """
    No course is a sentence, not an empty page.
    """
    world.memory.store.courses.clear()

    assert "No course is on sale right now" in (await client.get("/")).text


@pytest.mark.parametrize("page", ["/", PAGE, "/payments"])
async def test_a_first_page_is_light(client: Client, world: HttpWorld, page: str) -> None:
    """
    With its styles, its script and its icon less than 60 KB, as bytes without any compression.
    """
    await signed_in(client, world)
    text = (await client.get(page)).text
    parts = re.findall(r'(?:src|href)="(/static/[^"]+)"', text)
    sizes = [len((await client.get(each)).content) for each in sorted(set(parts))]

    assert all(sizes)
    assert "/static/shulk.css" in parts
    assert len(text.encode()) + sum(sizes) < FIRST_PAGE_BYTES_MAX


@pytest.mark.parametrize("platform", [True, False])
async def test_an_owned_course_says_so(*, platform: bool) -> None:
    """
    In the list, and before anybody fills in the form; both lead to the course where its address is known.
    """
    there = "https://learn.example.com/algebra/start"
    template = {"course_url": "https://learn.example.com/{course_id}/start"} if platform else {}
    world = HttpWorld(settings_with(**template))
    async with world.serve() as client:
        payment = await begun_payment(client, world.bearer())
        world.pay(payment)
        result = (await client.get(f"/result/{payment}", headers=world.bearer())).text
        listed = (await client.get("/", headers=world.bearer())).text
        checkout = await client.get(PAGE, headers=world.bearer())
        own = (await client.get(f"/payments/{payment}", headers=world.bearer())).text
        others = (await client.get("/", headers=world.bearer("ravi"))).text

    assert "Enrolled, open" in listed
    assert 'href="/checkout/algebra"' not in listed
    assert "You are enrolled already" in checkout.text
    assert "<form" not in checkout.text.partition("<main")[2]
    assert 'href="/checkout/algebra"' in others
    for page in (listed, checkout.text, result, own):
        assert (f'href="{there}"' in page) is platform
    for page in (listed, checkout.text):
        assert (f'href="/payments/{payment}"' in page) or platform


async def test_signing_in_leads_to_the_platform_and_back() -> None:
    """
    Where the platform's address is known, from the top of any page and from what needs a sign-in.
    """
    world = HttpWorld(settings_with(sign_in_url="https://learn.example.com/pay?next={next}"))
    async with world.serve() as client:
        payment = await begun_payment(client, world.bearer())
        page = (await client.get(f"/payments/{payment}")).text
        returned = (await client.get(f"/result/{payment}?again=1")).text
        checkout = await client.get(PAGE)
        front = (await client.get("/")).text

    there = f"https://learn.example.com/pay?next=%2Fpayments%2F{payment}"
    assert f'href="{there}"' in page
    assert f'href="{there}"' in returned
    assert checkout.status_code == 401
    assert 'href="https://learn.example.com/pay?next=%2Fcheckout%2Falgebra"' in checkout.text
    assert 'href="https://learn.example.com/pay?next=%2F"' in front


async def test_policies_stand_at_the_foot_of_every_page() -> None:
    """
    As far as they are set.
    """
    policies = {
        "terms_url": "https://learn.example.com/terms",
        "privacy_url": "https://learn.example.com/privacy",
        "refund_policy_url": "https://learn.example.com/refunds#students",
    }
    async with HttpWorld(settings_with(**policies)).serve() as client:
        for path in ("/", "/nowhere", "/problems/internal"):
            text = (await client.get(path, headers={"Accept": "text/html"})).text
            for address in policies.values():
                assert f'href="{address}"' in text, path
    async with HttpWorld(settings_with()).serve() as client:
        assert "Policies" not in (await client.get("/")).text


async def test_the_checkout_asks_for_a_sign_in(client: Client) -> None:
    """
    401 as a page, without a demo's sign-in where there is none.
    """
    answer = await client.get(PAGE)

    assert answer.status_code == 401
    assert "Please sign in first" in answer.text
    assert "/demo/sign-in" not in answer.text


async def test_an_unknown_course_has_no_checkout(client: Client, world: HttpWorld) -> None:
    """
    404 as a page, for a course off sale as well.
    """
    world.sell(a_course("secret", active=False))
    for course in ("nowhere", "secret"):
        answer = await client.get(f"/checkout/{course}", headers=world.bearer())
        assert answer.status_code == 404
        assert "Unknown course" in answer.text


async def test_the_price_without_scripts(client: Client, world: HttpWorld) -> None:
    """
    Apply shows the form again with the breakdown and what was filled in.
    """
    token = await signed_in(client, world)
    form = FILLED | {"discount_code": "ten", "csrf_token": token, "key": "k1"}
    text = (await client.post(f"{PAGE}/price", data=form)).text

    assert "₹1,062.00" in text
    assert "₹81.00" in text
    assert '<option value="27" selected>' in text
    assert 'name="key" value="k1"' in text


async def test_paying_leads_to_the_bank(client: Client, world: HttpWorld) -> None:
    """
    303 to the bank's page; the same form sent twice leads to the same page.
    """
    token = await signed_in(client, world)
    form = FILLED | {"csrf_token": token, "key": "k1"}
    first = await client.post(PAGE, data=form)
    second = await client.post(PAGE, data=form)

    assert first.status_code == second.status_code == 303
    assert first.headers["location"].startswith(f"{BANK}/pay/")
    assert first.headers["location"] == second.headers["location"]
    assert len(world.memory.store.payments) == 1


async def test_a_bank_at_another_address_is_reached_by_a_page() -> None:
    """
    Where the policy would stop a form's redirect, a page of ours leads on.
    """
    world = HttpWorld(settings_with(fake_gateway_url="https://api.bank.example.com"))
    async with world.serve() as client:
        token = await signed_in(client, world)
        answer = await client.post(PAGE, data=FILLED | {"csrf_token": token})

    assert answer.status_code == 200
    assert f"url={BANK}/pay/" in answer.text


async def test_the_form_token_is_needed(client: Client, world: HttpWorld) -> None:
    """
    A form from elsewhere opens nothing.
    """
    await signed_in(client, world)
    answer = await client.post(PAGE, data=FILLED | {"csrf_token": "wrong"})

    assert answer.status_code == 403
    assert world.memory.store.payments == {}


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"state_code": ""}, 422, "Choose your State or union territory"),
        ({"name": ""}, 422, "It is blank"),
        ({"name": "A" * 500}, 422, "It is too long"),
        ({"discount_code": "nope"}, 422, "There is no such discount code."),
        ({"address": "4111 1111 1111 1111"}, 422, "Card numbers are not taken"),
        ({"more": "1"}, 422, "Something in the form or in the address is not as it should be."),
        ({"special_economic_zone": "yes"}, 422, "A special economic zone cannot be billed yet"),
    ],
)
async def test_refusals_are_words_on_the_page(
    client: Client, world: HttpWorld, changes: dict[str, str], status: int, words: str
) -> None:
    """
    The page comes again with its problem's words, and an error status.
    """
    token = await signed_in(client, world)
    answer = await client.post(PAGE, data=FILLED | {"csrf_token": token} | changes)

    assert answer.status_code == status
    assert words in answer.text
    assert "4111 1111" not in answer.text or "address" in changes


@pytest.mark.parametrize(
    ("course", "changes", "price"),
    [
        ("algebra", {"gstin": "27AAPFU0939F1ZX"}, "₹1,180.00"),
        ("algebra", {"discount_code": "nope"}, "₹1,180.00"),
        ("algebra", {"name": ""}, "₹1,180.00"),
        ("history", {}, "₹60,000.00"),
    ],
)
async def test_the_price_stays_where_it_does_not_depend_on_what_is_wrong(
    client: Client, world: HttpWorld, course: str, changes: dict[str, str], price: str
) -> None:
    """
    A mistyped GSTIN, a code that is none, a missing name, and the address that the law wants.
    """
    token = await signed_in(client, world)
    form = FILLED | {"csrf_token": token} | changes
    answer = await client.post(f"/checkout/{course}", data=form)

    assert answer.status_code == 422
    assert f"Pay {price}</span>" in answer.text


async def test_a_dear_course_asks_for_the_address_in_view(client: Client, world: HttpWorld) -> None:
    """
    With the reason, and for no other course.
    """
    reason = "The law wants the buyer’s address"  # noqa: RUF001 - as it is printed

    dear = (await client.get("/checkout/history", headers=world.bearer())).text
    cheap = (await client.get(PAGE, headers=world.bearer())).text

    assert reason in dear
    assert dear.index('id="address"') < dear.index("<details")
    assert reason not in cheap
    assert cheap.index('id="address"') > cheap.index("<details")


def shown_in(text: str) -> dict[str, str]:
    """Return the fields of the page's form that say which price it shows."""
    found = re.findall(r'name="(expected_\w+)" value="([^"]*)"', text)
    return dict(found)


async def test_a_price_that_changed_is_shown_before_it_is_paid(
    client: Client, world: HttpWorld
) -> None:
    """
    Both prices, the new breakdown and the question again; a second press of the button agrees.
    """
    token = await signed_in(client, world)
    world.sell(a_course(rupees=100))
    form = FILLED | {"csrf_token": token, "key": "k1"}
    page = (await client.post(f"{PAGE}/price", data=form)).text
    world.sell(a_course(rupees=900))

    refused = await client.post(PAGE, data=form | shown_in(page))
    opened = not world.memory.store.payments
    agreed = await client.post(PAGE, data=form | shown_in(refused.text))

    assert refused.status_code == 409
    assert "The price has changed" in refused.text
    assert "was ₹100.00 then and is ₹900.00 now" in refused.text
    assert "Pay ₹900.00" in refused.text
    assert opened
    assert agreed.status_code == 303
    (payment,) = world.memory.store.payments.values()
    assert payment.quote.payable == Money(900_00)


async def test_taxes_that_changed_are_shown_before_they_are_paid(
    client: Client, world: HttpWorld
) -> None:
    """
    The sum is the same, and what it is made of is not: another State was chosen after the price.
    """
    token = await signed_in(client, world)
    form = FILLED | {"csrf_token": token}
    page = (await client.post(f"{PAGE}/price", data=form)).text
    elsewhere = form | shown_in(page) | {"state_code": "29"}

    refused = await client.post(PAGE, data=elsewhere)

    assert refused.status_code == 409
    assert "₹1,180.00 is to be paid as before" in refused.text
    assert "₹180.00" in refused.text
    assert not world.memory.store.payments


async def test_the_list_price_is_what_a_fresh_page_shows(client: Client, world: HttpWorld) -> None:
    """
    Without scripts Pay may be pressed before the taxes were shown: it is enough where the sum is the same.
    """
    token = await signed_in(client, world)
    form = FILLED | {"csrf_token": token}
    fresh = shown_in((await client.get(PAGE)).text)
    world.sell(replace(a_course(), price_mode=PriceMode.EXCLUSIVE))
    dearer = await client.post(PAGE, data=form | fresh)
    world.sell(a_course())
    as_shown = await client.post(PAGE, data=form | fresh)

    assert fresh == {"expected_payable": "1180.00", "expected_quote": ""}
    assert dearer.status_code == 409
    assert "Pay ₹1,392.40" in dearer.text
    assert as_shown.status_code == 303


async def test_a_price_that_cannot_be_told_any_more_is_said(
    client: Client, world: HttpWorld
) -> None:
    """
    The price changed, and the code that was filled in ended between the refusal and the new quote.
    """
    token = await signed_in(client, world)
    form = FILLED | {"csrf_token": token, "discount_code": "TEN"}
    page = (await client.post(f"{PAGE}/price", data=form)).text
    world.sell(a_course(rupees=900))
    world.memory.unit_of_work.afterwards.append(world.memory.store.discounts.clear)

    refused = await client.post(PAGE, data=form | shown_in(page))

    assert refused.status_code == 422
    assert "There is no such discount code." in refused.text


async def test_an_address_typed_in_lines_is_taken(client: Client, world: HttpWorld) -> None:
    """
    A browser sends each Enter in the field as CR and LF; the invoice has commas.
    """
    token = await signed_in(client, world)
    lines = {"name": "Asha\tRao", "address": "12 MG Road\r\nPune\r\n411001 98450 12345"}
    answer = await client.post(PAGE, data=FILLED | {"csrf_token": token} | lines)

    assert answer.status_code == 303
    (payment,) = world.memory.store.payments.values()
    assert payment.buyer.name == "Asha Rao"
    assert payment.buyer.address == "12 MG Road, Pune, 411001 98450 12345"


async def test_text_is_never_markup(client: Client, world: HttpWorld) -> None:
    """
    What a student types comes back as text.
    """
    token = await signed_in(client, world)
    evil = '"><script>alert(1)</script>'
    form = FILLED | {"csrf_token": token, "discount_code": evil, "name": evil, "address": evil}
    text = (await client.post(f"{PAGE}/price", data=form)).text

    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


async def test_a_live_attempt_can_be_continued(client: Client, world: HttpWorld) -> None:
    """
    The page says how much, and until when; State and total of what was filled in are still there.
    """
    payment = await begun_payment(client, world.bearer())
    token = await signed_in(client, world)
    answer = await client.post(PAGE, data=FILLED | {"csrf_token": token})

    assert answer.status_code == 409
    assert f'href="{BANK}/pay/{payment}"' in answer.text
    assert "Continue payment of ₹1,180.00" in answer.text
    assert "₹1,180.00 can be paid until 3 August 2026, 17:45 IST" in answer.text
    assert "End it" not in answer.text
    assert '<option value="27" selected>' in answer.text
    assert '<div class="row total" data-row="payable"><dt>To pay</dt>' in answer.text


async def test_a_live_attempt_is_replaced_by_what_was_meant(
    client: Client, world: HttpWorld
) -> None:
    """
    The discount code that was forgotten, the State that was wrong: what differs is shown before it is paid.
    """
    payment = await begun_payment(client, world.bearer())
    token = await signed_in(client, world)
    meant = FILLED | {"csrf_token": token, "discount_code": "ten", "state_code": "29"}
    page = (await client.post(f"{PAGE}/price", data=meant)).text
    refused = (await client.post(PAGE, data=meant | shown_in(page))).text
    paying = await client.post(PAGE, data=meant | shown_in(refused) | {"replaces": payment})

    for row in (
        "<td>Maharashtra</td><td>Karnataka</td>",
        "<td>none</td><td>TEN</td>",
        "<td>₹1,180.00</td><td>₹1,062.00</td>",
    ):
        assert row in refused
    assert f'name="replaces" value="{payment}">End it, and pay ₹1,062.00' in refused
    assert paying.status_code == 303
    old, new = world.memory.store.payments.values()
    assert old.failure is FailureReason.CANCELLED_BY_STUDENT
    assert paying.headers["location"] == f"{BANK}/pay/{new.id}"
    assert new.quote.payable == Money(1062_00)


async def test_a_live_attempt_that_was_paid_is_not_replaced(
    client: Client, world: HttpWorld
) -> None:
    """
    The bank is asked first: the course is open, and nothing is to pay any more.
    """
    payment = await begun_payment(client, world.bearer())
    token = await signed_in(client, world)
    world.pay(payment)
    answer = await client.post(PAGE, data=FILLED | {"csrf_token": token, "replaces": payment})

    assert answer.status_code == 409
    assert "This payment has succeeded" in answer.text
    assert len(world.memory.store.payments) == 1


async def test_who_goes_back_without_paying_is_told_so(client: Client, world: HttpWorld) -> None:
    """
    The bank has said that nobody tried: no spinner, and ways to go on, to change it and to end it.
    """
    payment = await begun_payment(client, world.bearer())
    token = await signed_in(client, world)
    fields = world.pay(payment, Outcome.ABANDON)
    back = await client.get(f"/api/payment/callback?{fields}")
    page = (await client.get(back.headers["location"])).text
    ended = await client.post(f"/payments/{payment}/cancel", data={"csrf_token": token})
    after = (await client.get(ended.headers["location"].partition("#")[0])).text

    assert "You have not paid" in page
    assert "turning" not in page
    assert f'href="{BANK}/pay/{payment}"' in page
    assert 'href="/checkout/algebra">Change the details' in page
    assert f'<form method="post" action="/payments/{payment}/cancel"' in page
    assert ended.status_code == 303
    assert "You ended this payment" in after
    assert "Try again: pay ₹1,180.00" in after


async def test_a_payment_that_the_bank_works_on_is_not_ended(
    client: Client, world: HttpWorld
) -> None:
    """
    Its page says why.
    """
    payment = await begun_payment(client, world.bearer())
    token = await signed_in(client, world)
    world.pay(payment, Outcome.PENDING)
    answer = await client.post(f"/payments/{payment}/cancel", data={"csrf_token": token})

    assert answer.status_code == 409
    assert "The bank is taking the money right now" in answer.text


async def test_what_is_free_has_words_of_its_own(client: Client, world: HttpWorld) -> None:
    """
    No bank, and no amount that was paid.
    """
    token = await signed_in(client, world)
    form = FILLED | {"csrf_token": token, "discount_code": "free"}
    priced = (await client.post(f"{PAGE}/price", data=form)).text
    enrolled = await client.post(PAGE, data=form | shown_in(priced))
    result = (await client.get(enrolled.headers["location"])).text
    payment = enrolled.headers["location"].rpartition("/")[2]
    own = (await client.get(f"/payments/{payment}")).text
    listed = (await client.get("/payments")).text

    assert "no bank is asked" in priced
    assert '<p class="hint" data-by-bank hidden>' in priced
    for page in (result, own):
        assert "You are enrolled" in page
        assert "Amount paid" not in page
        assert "Nothing to pay" in page
    assert "Enrolled, with nothing to pay" in own
    assert "<strong>Free</strong>" in listed


async def test_what_is_nowhere_asks_nobody_to_sign_in() -> None:
    """
    It does not know whether they have.
    """
    async with HttpWorld(settings_with(demo_sign_in="true")).serve() as client:
        lost = (await client.get("/nowhere", headers={"Accept": "text/html"})).text

        assert "Sign in" not in lost
        assert "Sign in" in (await client.get("/")).text


async def test_after_an_unclear_answer_the_key_is_kept(client: Client, world: HttpWorld) -> None:
    """
    Pressing Pay again resumes the same payment.
    """
    token = await signed_in(client, world)
    form = FILLED | {"csrf_token": token, "key": "k1"}
    world.gateway.fail_next(GatewayOperation.CREATE_SESSION, Fault.LOST_ANSWER)
    unclear = await client.post(PAGE, data=form)
    again = await client.post(PAGE, data=form)

    assert unclear.status_code == 503
    assert 'name="key" value="k1"' in unclear.text
    assert again.status_code == 303
    assert len(world.memory.store.payments) == 1


async def test_paid_is_said_when_it_is(client: Client, world: HttpWorld) -> None:
    """
    Paid names the course, the amount and the reference.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment)
    text = (await client.get(f"/result/{payment}", headers=world.bearer())).text

    assert "Payment received" in text
    assert "₹1,180.00" in text
    assert payment in text
    assert "Your invoice is being made." in text


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.ABANDON])
async def test_while_it_is_not_known_nothing_failed(
    client: Client, world: HttpWorld, outcome: Outcome
) -> None:
    """
    Confirming, updating itself with and without scripts, and no word of failure.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment, outcome)
    text = (await client.get(f"/result/{payment}", headers=world.bearer())).text

    assert "Confirming your payment" in text
    assert "payment.js" in text
    assert '<noscript><meta http-equiv="refresh"' in text
    assert "fail" not in text.lower()
    assert "Try again" not in text


async def test_failed_and_expired_lead_on(client: Client, world: HttpWorld) -> None:
    """
    Both say that nothing was taken or what to do, and offer another try.
    """
    declined = await begun_payment(client, world.bearer())
    world.pay(declined, Outcome.FAILURE)
    lapsed = await begun_payment(client, world.bearer("ravi"))
    nothing = OrderFacts(payment=PaymentId(lapsed), verdict=Verdict.NOT_ATTEMPTED)
    world.gateway.answer(PaymentId(lapsed), nothing)
    world.clock.at += timedelta(minutes=16)

    failed = (await client.get(f"/result/{declined}", headers=world.bearer())).text
    expired = (await client.get(f"/result/{lapsed}", headers=world.bearer("ravi"))).text
    assert "The payment did not go through" in failed
    assert "Your bank declined the payment." in failed
    assert "The time to pay ran out" in expired
    for text in (failed, expired):
        assert "Try again: pay ₹1,180.00" in text
        assert 'href="/checkout/algebra">Change the details' in text


async def test_without_a_cookie_there_is_a_way_in(client: Client, world: HttpWorld) -> None:
    """
    First a step on our own site that brings the cookie back, then a hint to sign in.
    """
    payment = await begun_payment(client, world.bearer())
    first = await client.get(f"/result/{payment}")
    second = await client.get(f"/result/{payment}?again=1")

    assert first.status_code == second.status_code == 200
    assert f"url=/result/{payment}?again=1" in first.text
    assert "Sign in to see your payment" in second.text
    assert "refresh" not in second.text


async def test_the_demo_has_a_door_of_its_own() -> None:
    """
    Its sign-in exists where settings allow it, and nowhere else.
    """
    async with HttpWorld(settings_with()).serve() as client:
        assert (await client.get("/demo/sign-in")).status_code == 404
    async with HttpWorld(settings_with(demo_sign_in="true")).serve() as client:
        assert "Sign in to the demo" in (await client.get("/demo/sign-in")).text


async def test_the_demos_people_are_picked(tmp_path: Path) -> None:
    """
    Whoever the demo wrote down can be picked, and nobody else; roles come along.
    """
    people = [{"id": "mira", "name": "Mira", "email": "mira@example.com", "roles": ["admin"]}]
    path = tmp_path / "people.json"
    path.write_text(json.dumps(people), encoding="utf-8")
    world = HttpWorld(settings_with(demo_sign_in="true", demo_people_file=str(path)))
    async with world.serve() as client:
        listed = (await client.get("/demo/sign-in")).text
        stranger = await client.post("/demo/sign-in", data={"id": "asha"})
        picked = await client.post("/demo/sign-in", data={"id": "mira", "next": "/"})
        checkout = await client.get(PAGE)

    assert "mira@example.com · admin" in listed
    assert stranger.status_code == 422
    assert (picked.status_code, checkout.status_code) == (303, 403)


async def test_the_demos_form_is_checked_like_a_token() -> None:
    """
    Made-up people still have usable names.
    """
    world = HttpWorld(settings_with(demo_sign_in="true"))
    async with world.serve() as client:
        answer = await client.post("/demo/sign-in", data={"id": "a b", "name": "x", "email": "x"})

    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers


def test_the_demos_sign_in_refuses_production() -> None:
    """
    Even where settings were made by hand, production has no sign-in by picking.
    """
    settings = replace(settings_with(), environment=Environment.PRODUCTION, demo_sign_in=True)

    with pytest.raises(RuntimeError, match="production"):
        HttpWorld(settings).app()
