"""Opening a payment over HTTP: what is answered, and every way it is refused."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest

from adapters.fake.script import Fault
from domain.money import Money
from domain.payments.payment_state import State
from domain.tax.gst import GstRate
from fakes.samples import a_course
from ports.payments.payment_gateway import GatewayOperation
from worlds.http import CHECKOUT, Client, HttpWorld, begun_payment, problem

INITIATE: Final = "/api/payment/initiate"
QUOTE: Final = "/api/payment/quote"


async def test_a_quote_names_every_rupee(client: Client, world: HttpWorld) -> None:
    """
    The breakdown is text with two decimals, and says which second tax and which place it is for.
    """
    answer = await client.post(
        QUOTE, json={**CHECKOUT, "discount_code": " ten "}, headers=world.bearer()
    )

    assert answer.status_code == 200
    assert answer.json()["breakdown"] == {
        "list_price": "1180.00",
        "discount": "118.00",
        "taxable": "900.00",
        "cgst": "81.00",
        "sgst": "81.00",
        "igst": "0.00",
        "payable": "1062.00",
        "second_tax": "SGST",
        "place_of_supply": "27-Maharashtra",
    }
    assert answer.json()["discount_code"] == "TEN"
    assert world.memory.store.payments == {}


async def test_an_opened_payment_tells_where_to_pay(client: Client, world: HttpWorld) -> None:
    """
    201 carries the id, the bank's page, when it ends and the breakdown; the id is the order's.
    """
    answer = await client.post(INITIATE, json=CHECKOUT, headers=world.bearer())
    body = answer.json()

    assert answer.status_code == 201
    assert body["order_id"] == body["transaction_id"]
    assert body["payment_url"].startswith("https://fake-gateway.example.com/pay/")
    assert body["expires_at"] == "2026-08-03T12:15:00Z"
    assert body["breakdown"]["payable"] == "1180.00"


async def test_nothing_to_pay_opens_the_course_at_once(client: Client, world: HttpWorld) -> None:
    """
    A code for everything leads to success without the bank: no page, already enrolled.
    """
    answer = await client.post(
        INITIATE, json={**CHECKOUT, "discount_code": "FREE"}, headers=world.bearer()
    )

    assert answer.status_code == 201
    assert answer.json()["payment_url"] is None
    assert world.memory.store.payments[answer.json()["transaction_id"]].state is State.SUCCESS
    assert not world.gateway.calls


async def test_who_and_where_from_is_audited(client: Client, world: HttpWorld) -> None:
    """
    The audit line names the student, the address, the browser and the request.
    """
    headers = world.bearer() | {"User-Agent": "a browser", "X-Request-ID": "request-7"}
    answer = await client.post(INITIATE, json=CHECKOUT, headers=headers)

    origin = world.memory.store.audit[0].origin
    assert (origin.actor, origin.user_agent) == ("student:asha", "a browser")
    assert (origin.ip, origin.correlation_id) == ("192.0.2.7", answer.headers["x-request-id"])
    assert origin.correlation_id != "request-7"


async def test_the_same_key_and_body_get_the_same_answer(client: Client, world: HttpWorld) -> None:
    """
    A repeated request opens nothing new; spaces around a text do not make it another request.
    """
    headers = world.bearer() | {"Idempotency-Key": "one"}
    first = await client.post(INITIATE, json=CHECKOUT, headers=headers)
    spaced = {**CHECKOUT, "billing": {"name": " Asha ", "state_code": "27"}}
    second = await client.post(INITIATE, json=spaced, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(world.memory.store.payments) == 1


async def test_the_same_key_with_another_body_is_refused(client: Client, world: HttpWorld) -> None:
    """
    A key stands for one request.
    """
    headers = world.bearer() | {"Idempotency-Key": "one"}
    await client.post(INITIATE, json=CHECKOUT, headers=headers)
    other = await client.post(INITIATE, json={**CHECKOUT, "discount_code": "TEN"}, headers=headers)

    problem(other, 422, "idempotency-key-reused")


async def test_the_price_that_was_seen_is_the_price(client: Client, world: HttpWorld) -> None:
    """
    Another price is refused with both amounts, and agreed to under the same key.
    """
    headers = world.bearer() | {"Idempotency-Key": "one"}
    seen = {**CHECKOUT, "expected_payable": "1180.00"}
    world.sell(a_course(rupees=900))

    refused = await client.post(INITIATE, json=seen, headers=headers)
    told = problem(refused, 409, "price-changed")
    agreed = {**CHECKOUT, "expected_payable": told["payable_now"]}
    opened = await client.post(INITIATE, json=agreed, headers=headers)
    sneaked = await client.post(INITIATE, json=seen, headers=headers)

    assert (told["payable_before"], told["payable_now"]) == ("1180.00", "900.00")
    assert opened.json()["breakdown"]["payable"] == "900.00"
    problem(sneaked, 422, "idempotency-key-reused")


async def test_the_quote_that_was_seen_is_the_quote(client: Client, world: HttpWorld) -> None:
    """
    Its fingerprint stands for each of its parts: the same sum with another tax is another quote.
    """
    quoted = await client.post("/api/payment/quote", json=CHECKOUT, headers=world.bearer())
    seen = {**CHECKOUT, "expected_quote": quoted.json()["fingerprint"]}
    world.sell(replace(a_course(), gst_rate=GstRate(Decimal(5))))

    refused = await client.post(INITIATE, json=seen, headers=world.bearer())
    told = problem(refused, 409, "price-changed")
    world.sell(a_course())
    opened = await client.post(INITIATE, json=seen, headers=world.bearer())

    assert (told["payable_before"], told["payable_now"]) == (None, "1180.00")
    assert opened.status_code == 201


@pytest.mark.parametrize(
    ("seen", "status", "slug"),
    [
        ({"expected_payable": "many"}, 422, "amount-inexact"),
        ({"expected_payable": "1180.001"}, 422, "amount-inexact"),
        ({"expected_payable": 1180}, 422, "invalid-request"),
        ({"expected_quote": "x" * 65}, 422, "invalid-request"),
        ({"expected_quote": "not-a-fingerprint"}, 409, "price-changed"),
        ({"expected_price": "1180.00"}, 422, "invalid-request"),
    ],
)
async def test_a_price_that_cannot_have_been_seen_is_refused(
    client: Client, world: HttpWorld, seen: dict[str, object], status: int, slug: str
) -> None:
    """
    Nothing is opened for it.
    """
    answer = await client.post(INITIATE, json={**CHECKOUT, **seen}, headers=world.bearer())

    problem(answer, status, slug)
    assert not world.memory.store.payments


async def test_a_key_belongs_to_one_student(client: Client, world: HttpWorld) -> None:
    """
    Another student's same key is another key.
    """
    key = {"Idempotency-Key": "one"}
    asha = await client.post(INITIATE, json=CHECKOUT, headers=world.bearer("asha") | key)
    ravi = await client.post(INITIATE, json=CHECKOUT, headers=world.bearer("ravi") | key)

    assert ravi.status_code == 201
    assert asha.json()["transaction_id"] != ravi.json()["transaction_id"]


async def test_an_unclear_answer_keeps_the_key_busy_then_resumes(
    client: Client, world: HttpWorld
) -> None:
    """
    Not knowing is 503 and never the key's answer; the same request then finds the same payment.
    """
    headers = world.bearer() | {"Idempotency-Key": "one"}
    world.gateway.fail_next(GatewayOperation.CREATE_SESSION, Fault.LOST_ANSWER)
    unclear = await client.post(INITIATE, json=CHECKOUT, headers=headers)
    problem(unclear, 503, "gateway-unavailable")

    again = await client.post(INITIATE, json=CHECKOUT, headers=headers)

    assert again.status_code == 201
    assert list(world.memory.store.payments) == [again.json()["transaction_id"]]


@pytest.mark.parametrize("key", ["", "x" * 256, "new\tline", "k\x7f"])
async def test_an_unusable_key_is_refused(client: Client, world: HttpWorld, key: str) -> None:
    """
    1 to 255 printable ASCII characters, or a problem of its own.
    """
    answer = await client.post(
        INITIATE, json=CHECKOUT, headers=world.bearer() | {"Idempotency-Key": key}
    )

    problem(answer, 400, "idempotency-key-invalid")


async def test_a_live_attempt_can_be_continued(client: Client, world: HttpWorld) -> None:
    """
    The problem names the payment under way, its page and its end.
    """
    first = (await client.post(INITIATE, json=CHECKOUT, headers=world.bearer())).json()
    body = problem(
        await client.post(INITIATE, json=CHECKOUT, headers=world.bearer()),
        409,
        "live-attempt-exists",
    )

    for member in ("transaction_id", "payment_url", "expires_at"):
        assert body[member] == first[member]
    assert (body["payable"], body["differs"]) == ("1180.00", [])


async def test_a_live_attempt_says_in_what_it_is_another(client: Client, world: HttpWorld) -> None:
    """
    The code that was forgotten, the State that was wrong: each with its field, there and here.
    """
    await begun_payment(client, world.bearer())
    meant = {
        **CHECKOUT,
        "discount_code": "ten",
        "billing": {
            "name": "Asha R",
            "state_code": "29",
            "gstin": "29AAGCB7383J1Z4",
            "address": "1 Fee Street",
        },
    }

    answer = await client.post(INITIATE, json=meant, headers=world.bearer())

    assert problem(answer, 409, "live-attempt-exists")["differs"] == [
        {"field": "billing.name", "under_way": "Asha", "asked": "Asha R"},
        {"field": "billing.state_code", "under_way": "27", "asked": "29"},
        {"field": "billing.gstin", "under_way": None, "asked": "29AAGCB7383J1Z4"},
        {"field": "billing.address", "under_way": None, "asked": "1 Fee Street"},
        {"field": "discount_code", "under_way": None, "asked": "TEN"},
        {"field": "payable", "under_way": "1180.00", "asked": "1062.00"},
    ]


async def test_an_owned_course_is_not_sold_again(client: Client, world: HttpWorld) -> None:
    """
    Already enrolled has a problem of its own.
    """
    await begun_payment(client, world.bearer(), discount_code="FREE")

    problem(
        await client.post(INITIATE, json=CHECKOUT, headers=world.bearer()), 409, "already-enrolled"
    )


@pytest.mark.parametrize(
    ("changes", "slug", "field"),
    [
        ({"discount_code": "NONE"}, "discount-refused", "discount_code"),
        ({"discount_code": "!"}, "discount-refused", "discount_code"),
        ({"billing": {"name": "Asha", "state_code": "99"}}, "state-unknown", "billing.state_code"),
        (
            {"billing": {"name": "Asha", "state_code": "96"}},
            "not-sold-abroad",
            "billing.state_code",
        ),
        ({"billing": {"name": " ", "state_code": "27"}}, "billing-invalid", "billing.name"),
        ({"billing": {"name": "a\u0000b", "state_code": "27"}}, "billing-invalid", "billing.name"),
        ({"billing": {"name": "A" * 101, "state_code": "27"}}, "billing-invalid", "billing.name"),
        ({"billing": {"name": "A" * 900, "state_code": "27"}}, "invalid-request", "billing.name"),
        (
            {"billing": {"name": "4111 1111 1111 1111", "state_code": "27"}},
            "card-number-refused",
            "billing.name",
        ),
        (
            {"billing": {"name": "Asha", "state_code": "27", "address": "5555555555554444"}},
            "card-number-refused",
            "billing.address",
        ),
        (
            {"billing": {"name": "Asha", "state_code": "27", "gstin": "nonsense"}},
            "gstin-invalid",
            "billing.gstin",
        ),
        (
            {"billing": {"name": "Asha", "state_code": "29", "gstin": "27AAPFU0939F1ZV"}},
            "state-disagrees",
            "billing.state_code",
        ),
        (
            {
                "billing": {
                    "name": "Asha",
                    "state_code": "27",
                    "gstin": " 27aapfu0939f1zv",
                    "address": "1 Fee Street",
                }
            },
            "gstin-invalid",
            "billing.gstin",
        ),
        (
            {"billing": {"name": "Asha", "state_code": "27", "special_economic_zone": True}},
            "special-zone-unsupported",
            "billing.special_economic_zone",
        ),
        (
            {"billing": {"name": "Asha", "state_code": "27", "gstin": "27AAPFU0939F1ZV"}},
            "address-required",
            "billing.address",
        ),
        ({"surprise": 1}, "invalid-request", "surprise"),
        ({"billing": {"name": "Asha"}}, "invalid-request", "billing.state_code"),
        ({"billing": {"name": 7, "state_code": "27"}}, "invalid-request", "billing.name"),
        ({"course_id": None}, "invalid-request", "course_id"),
    ],
)
async def test_each_field_is_refused_by_its_name(
    client: Client, world: HttpWorld, changes: dict[str, Any], slug: str, field: str
) -> None:
    """
    422 tells which field to mend, and nothing was opened.
    """
    answer = await client.post(INITIATE, json={**CHECKOUT, **changes}, headers=world.bearer())

    body = problem(answer, 422, slug)
    assert [each["field"] for each in body["errors"]] == [field]
    assert world.memory.store.payments == {}


@pytest.mark.parametrize("course", ["nowhere", "No Such Thing!", ""])
async def test_an_unknown_course_is_named_so(client: Client, world: HttpWorld, course: str) -> None:
    """
    Whatever the id looks like, the answer is the same problem.
    """
    answer = await client.post(
        INITIATE, json={**CHECKOUT, "course_id": course}, headers=world.bearer()
    )

    problem(answer, 404, "unknown-course")


async def test_a_course_off_sale_is_unknown(client: Client, world: HttpWorld) -> None:
    """
    A course that staff took off sale cannot be bought by its id.
    """
    world.sell(a_course(active=False))

    problem(await client.post(QUOTE, json=CHECKOUT, headers=world.bearer()), 404, "unknown-course")


@pytest.mark.parametrize("paise", [9_00, 5_00_000_01])
async def test_amounts_out_of_limits_are_refused(
    client: Client, world: HttpWorld, paise: int
) -> None:
    """
    The problem tells the amount and both limits.
    """
    world.sell(replace(a_course(), list_price=Money(paise)))

    body = problem(
        await client.post(INITIATE, json=CHECKOUT, headers=world.bearer()),
        422,
        "amount-out-of-limits",
    )
    assert (body["payable"], body["minimum"], body["maximum"]) == (
        Money(paise).plain(),
        "10.00",
        "500000.00",
    )


@pytest.mark.parametrize(
    ("fault", "status", "slug"),
    [
        (Fault.DOWN, 503, "gateway-unavailable"),
        (Fault.BUSY, 503, "gateway-unavailable"),
        (Fault.LOST_ANSWER, 503, "gateway-unavailable"),
        (Fault.DENIED, 502, "gateway-denied"),
        (Fault.REFUSED, 502, "gateway-refused"),
    ],
)
async def test_trouble_at_the_bank_has_its_words(
    client: Client, world: HttpWorld, fault: Fault, status: int, slug: str
) -> None:
    """
    What may pass is 503 with Retry-After, what will not is 502, and the bank's words stay inside.
    """
    world.gateway.fail_next(GatewayOperation.CREATE_SESSION, fault)
    answer = await client.post(INITIATE, json=CHECKOUT, headers=world.bearer())

    problem(answer, status, slug)
    assert ("retry-after" in answer.headers) is (status == 503)


async def test_a_token_without_an_email_cannot_pay(client: Client, world: HttpWorld) -> None:
    """
    The bank and the confirmation need a name and an email; the refusal says which is missing.
    """
    answer = await client.post(INITIATE, json=CHECKOUT, headers=world.bearer(email=None))

    body = problem(answer, 403, "profile-incomplete")
    assert [each["field"] for each in body["errors"]] == ["email"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"billing": {"name": "Asha", "state_code": "99"}}, "UnknownState"),
        ({"billing": {"name": "Asha", "state_code": "27", "gstin": "27X"}}, "BadGstin"),
        ({"discount_code": "no code!"}, "DiscountRefused"),
        ({"course_id": "no course!"}, "NotFound"),
    ],
)
async def test_an_attempt_refused_at_the_door_is_audited_too(
    client: Client, world: HttpWorld, changes: dict[str, object], refusal: str
) -> None:
    """
    Who tried, from where and with what, but none of the words that were refused.
    """
    headers = world.bearer() | {"User-Agent": "a browser"}
    answer = await client.post(INITIATE, json={**CHECKOUT, **changes}, headers=headers)

    assert answer.status_code in {404, 422}
    (line,) = world.memory.store.audit
    assert (line.action, line.subject) == ("payment.refused", "student:asha")
    assert line.facts == {"course": "", "refusal": refusal}
    assert (line.origin.ip, line.origin.user_agent) == ("192.0.2.7", "a browser")


async def test_a_reference_names_one_purchase(client: Client, world: HttpWorld) -> None:
    """
    It is answered, and a second purchase under it is refused with the first payment.
    """
    order = {"client_reference": "order-4711"}
    first = await client.post(INITIATE, json={**CHECKOUT, **order}, headers=world.bearer())
    other = await client.post(INITIATE, json={**CHECKOUT, **order}, headers=world.bearer("ravi"))

    assert first.json()["client_reference"] == "order-4711"
    told = problem(other, 409, "client-reference-used")
    assert told["transaction_id"] == first.json()["transaction_id"]
    assert (told["client_reference"], told["reason"]) == ("order-4711", "other_purchase")


@pytest.mark.parametrize("text", ["a b", "x" * 101, "क", "4111111111111111"])
async def test_a_reference_that_is_none_is_refused(
    client: Client, world: HttpWorld, text: str
) -> None:
    """
    With its field; an empty one counts as none.
    """
    asked = {**CHECKOUT, "client_reference": text}
    answer = await client.post(INITIATE, json=asked, headers=world.bearer())

    told = problem(answer, 422, "client-reference-invalid")
    assert told["errors"][0]["field"] == "client_reference"
    blank = {**CHECKOUT, "client_reference": " "}
    begun = await client.post(INITIATE, json=blank, headers=world.bearer())
    assert begun.json()["client_reference"] is None


async def test_a_reference_is_part_of_the_request(client: Client, world: HttpWorld) -> None:
    """
    The same key with another reference is another request.
    """
    headers = world.bearer() | {"Idempotency-Key": "k"}
    for text, status in (("order-1", 201), ("order-1", 201), ("order-2", 422)):
        asked = {**CHECKOUT, "client_reference": text}
        answer = await client.post(INITIATE, json=asked, headers=headers)
        assert answer.status_code == status
