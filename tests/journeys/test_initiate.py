"""A payment is opened: every field of the answer, each refusal in its own words, and what is kept of the attempt."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from worlds.processes.api_clients import ProcessWorld, problem

CARD = "4111 1111 1111 1111"
PARTS = ("list_price", "discount", "taxable", "cgst", "sgst", "igst", "payable")
ORDER_ID = r"SK[A-Z2-7]{18}"


def rupees(breakdown: dict[str, Any]) -> dict[str, Decimal]:
    """Return the amounts, each of which has to be text with two decimals."""
    for part in PARTS:
        assert isinstance(breakdown[part], str)
        assert str(Decimal(breakdown[part]).quantize(Decimal("0.01"))) == breakdown[part]
    return {part: Decimal(breakdown[part]) for part in PARTS}


async def test_the_answer_holds_all_that_was_promised(world: ProcessWorld) -> None:
    """
    Id, page, end of the session and the price with its taxes: every field, and they agree.
    """
    asha, course = world.student(), await world.course(list_price="1499.00")
    before = datetime.now(UTC)

    answer = await asha.initiate(course)

    assert answer.status_code == 201
    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    made = answer.json()
    assert set(made) == {
        *("transaction_id", "order_id", "payment_url", "expires_at", "breakdown"),
        *("client_reference", "currency"),
    }
    assert made["transaction_id"] == made["order_id"]
    assert len(made["order_id"]) == 20
    assert made["order_id"].startswith("SK")
    assert made["payment_url"].startswith(world.bank.address)
    left = datetime.fromisoformat(made["expires_at"]) - before
    assert timedelta(minutes=14, seconds=50) < left <= timedelta(minutes=15, seconds=10)
    assert made["breakdown"] == {
        "list_price": "1499.00",
        "discount": "0.00",
        "taxable": "1270.34",
        "cgst": "114.33",
        "sgst": "114.33",
        "igst": "0.00",
        "payable": "1499.00",
        "second_tax": "SGST",
        "place_of_supply": "29-Karnataka",
    }
    known = await world.bank.knows(made["order_id"])
    assert Decimal(str(known["order"]["amount"])) == Decimal("1499.00")
    assert (await world.http.get(made["payment_url"])).status_code == 200


@pytest.mark.parametrize(
    ("state", "mode", "terms"),
    [
        ("29", "inclusive", None),
        ("29", "exclusive", {"kind": "percent", "percent": "12.5", "cap": "99.99"}),
        ("27", "exclusive", {"kind": "flat", "amount": "333.33"}),
        ("38", "inclusive", {"kind": "percent", "percent": "7"}),
    ],
)
async def test_the_sums_add_up(
    world: ProcessWorld, state: str, mode: str, terms: dict[str, object] | None
) -> None:
    """
    Taxable and taxes make the payable amount; halves are equal; two States make it IGST alone.
    """
    course = await world.course(list_price="1233.37", price_mode=mode)
    code = await world.code(**terms) if terms else None

    made = await world.student().opened(course, code, billing={"state_code": state})

    parts = rupees(made["breakdown"])
    assert parts["taxable"] + parts["cgst"] + parts["sgst"] + parts["igst"] == parts["payable"]
    price = parts["list_price"] - parts["discount"]
    assert price == (parts["payable"] if mode == "inclusive" else parts["taxable"])
    assert (parts["discount"] > 0) is (code is not None)
    assert parts["cgst"] == parts["sgst"]
    assert (parts["cgst"] == 0) is (state != "29")
    assert (parts["igst"] == 0) is (state == "29")
    assert made["breakdown"]["second_tax"] == ("SGST" if state == "29" else None)


async def test_utgst_travels_in_sgst_and_is_labelled(own_world: ProcessWorld) -> None:
    """
    Within a union territory the second half is UTGST, and the answer says so.
    """
    course = await own_world.course(price_mode="exclusive", list_price="1000.00")

    made = await own_world.student().opened(course, billing={"state_code": "04"})

    breakdown = made["breakdown"]
    assert (breakdown["cgst"], breakdown["sgst"], breakdown["igst"]) == ("90.00", "90.00", "0.00")
    assert breakdown["second_tax"] == "UTGST"
    assert breakdown["place_of_supply"] == "04-Chandigarh"


async def test_a_course_for_nothing_is_open_at_once(world: ProcessWorld) -> None:
    """
    With a code that takes all, there is no bank, no page, and one of everything else.
    """
    asha, course = world.student(), await world.course()
    code = await world.code(kind="percent", percent="100")

    made = await asha.opened(course, code)

    assert made["payment_url"] is None
    assert (await asha.status(made["transaction_id"]))["status"] == "success"
    assert made["breakdown"]["payable"] == "0.00"
    assert (
        await world.http.get(f"{world.bank.address}/_control/orders/{made['order_id']}")
    ).status_code == 404
    assert (await asha.status(made["transaction_id"]))["enrolled"] is True
    await world.receive_one_email(asha.person, made["transaction_id"])


async def test_an_unknown_course_is_a_problem_of_its_own(world: ProcessWorld) -> None:
    """
    A course that is not there, or not on sale, is not found.
    """
    asha, gone = world.student(), await world.course(active=False)

    problem(await asha.initiate("no-such-course"), 404, "unknown-course")
    problem(await asha.initiate(gone), 404, "unknown-course")


async def test_who_has_the_course_does_not_pay_again(world: ProcessWorld) -> None:
    """
    An open course cannot be bought a second time, and nothing was charged.
    """
    asha, course = world.student(), await world.course()
    await asha.opened(course, await world.code(kind="percent", percent="100"))

    problem(await asha.initiate(course), 409, "already-enrolled")


async def test_a_live_attempt_can_be_continued(world: ProcessWorld) -> None:
    """
    The refusal carries what is needed to go on with the payment that is under way.
    """
    asha, course = world.student(), await world.course()
    made = await asha.opened(course)

    told = problem(await asha.initiate(course), 409, "live-attempt-exists")

    for name in ("transaction_id", "payment_url"):
        assert told[name] == made[name]
    assert datetime.fromisoformat(told["expires_at"]) == datetime.fromisoformat(made["expires_at"])


async def test_a_declined_payment_makes_room_for_another(world: ProcessWorld) -> None:
    """
    After a refusal by the bank the student starts again, with a new order.
    """
    asha, course = world.student(), await world.course()
    first = await asha.opened(course)
    await world.bank.pay(first["order_id"], "failure")
    await world.records.reaches(first["transaction_id"], "failed")

    second = await asha.opened(course)

    assert second["transaction_id"] != first["transaction_id"]
    assert (await asha.status(first["transaction_id"]))["failure_reason"] == "insufficient_funds"


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        (None, "unknown"),
        ({"active": False}, "inactive"),
        ({"valid_to": "2026-01-01"}, "expired"),
        ({"valid_from": "2099-01-01"}, "not_yet_valid"),
        ({"courses": ["another-course"]}, "wrong_course"),
        ({"min_order": "9999.00"}, "below_minimum"),
    ],
)
async def test_a_bad_code_says_which_rule_it_fails(
    world: ProcessWorld, terms: dict[str, object] | None, reason: str
) -> None:
    """
    Each rule has a word of its own, and nothing is opened.
    """
    asha, course = world.student(), await world.course()
    await world.course("another-course")
    code = await world.code(kind="flat", amount="50.00", **terms) if terms else "NEVERMADE"

    told = problem(await asha.initiate(course, code), 422, "discount-refused")

    assert told["reason"] == reason
    assert await world.records.count("payment", "course_id = $1", course) == 0


async def test_the_last_place_of_a_code_goes_once(world: ProcessWorld) -> None:
    """
    A limit for all and a limit for each: both are kept, and a failed payment gives its place back.
    """
    asha, ravi, course = world.student(), world.student(), await world.course()
    code = await world.code(kind="flat", amount="50.00", total_limit=1, per_student_limit=1)
    first = await asha.opened(course, code)

    told = problem(await ravi.initiate(course, code), 422, "discount-refused")
    assert told["reason"] == "used_up"

    await world.bank.pay(first["order_id"], "failure")
    await world.records.reaches(first["transaction_id"], "failed")
    await ravi.opened(course, code)


@pytest.mark.parametrize(("off", "payable"), [("50.00", "9.99"), (None, "500000.01")])
async def test_the_bank_takes_neither_less_nor_more(
    world: ProcessWorld, off: str | None, payable: str
) -> None:
    """
    Below ten rupees, by a discount, and above five lakh nothing is opened, and the limits are told.
    """
    course = await world.course(list_price="59.99" if off else payable)
    code = await world.code(kind="flat", amount=off) if off else None
    billing = {"address": "1 Lake Road, Mysuru"}

    answer = await world.student().initiate(course, code, billing=billing)

    told = problem(answer, 422, "amount-out-of-limits")
    assert (told["payable"], told["minimum"], told["maximum"]) == (payable, "10.00", "500000.00")


@pytest.mark.parametrize("fault", ["http_500", "html_403", "timeout_before"])
async def test_a_bank_that_is_down_is_tried_again_with_the_same_key(
    world: ProcessWorld, fault: str
) -> None:
    """
    503 with Retry-After is never the answer that a key is bound to: the next try gets the page.
    """
    asha, course, key = world.student(), await world.course(), f"again-{fault}"
    await world.bank.fault("session", fault)

    told = await asha.initiate(course, key=key)

    problem(told, 503, "gateway-unavailable")
    assert int(told.headers["Retry-After"]) > 0
    made = (await asha.initiate(course, key=key)).json()
    assert made["payment_url"].startswith(world.bank.address)
    assert (await asha.initiate(course, key=key)).json() == made


async def test_an_order_whose_answer_was_lost_is_resumed(own_world: ProcessWorld) -> None:
    """
    The bank made the order and we never heard: the same key goes on with it, there is no second one.
    """
    asha, course = own_world.student(), await own_world.course()
    await own_world.bank.fault("session", "timeout_after", hold_seconds=10)

    problem(await asha.initiate(course, key="lost"), 503, "gateway-unavailable")
    answer = await asha.initiate(course, key="lost")

    assert answer.status_code == 201, answer.text
    payments = await own_world.records.rows("SELECT id FROM payment WHERE course_id = $1", course)
    assert [each["id"] for each in payments] == [answer.json()["transaction_id"]]


@pytest.mark.parametrize(
    "more",
    [
        {"amount": "1.00"},
        {"billing": {"name": "Asha", "state_code": "29", "country": "IN"}},
        {"billing": {"name": "Asha"}},
        {"course_id": 7},
        {"billing": {"name": "A" * 401, "state_code": "29"}},
    ],
)
async def test_unknown_and_unfit_fields_are_refused(
    world: ProcessWorld, more: dict[str, object]
) -> None:
    """
    A price sent by the client, a field that is not in the agreement, a missing one: all are named.
    """
    body = {"course_id": "x", "billing": {"name": "Asha", "state_code": "29"}} | more

    answer = await world.student().ask("POST", "/api/payment/initiate", json=body)

    assert problem(answer, 422, "invalid-request")["errors"]


@pytest.mark.parametrize(
    ("billing", "slug", "field"),
    [
        ({"name": "A" * 101}, "billing-invalid", "billing.name"),
        ({"name": "   "}, "billing-invalid", "billing.name"),
        ({"name": "As\x07ha"}, "billing-invalid", "billing.name"),
        ({"address": "x" * 301}, "billing-invalid", "billing.address"),
        ({"state_code": "77"}, "state-unknown", "billing.state_code"),
        ({"gstin": "29AAGCB7383J1Z5"}, "gstin-invalid", "billing.gstin"),
        ({"gstin": "04AAGCB7383J1ZG"}, "state-disagrees", "billing.state_code"),
        ({"name": f"Asha {CARD}"}, "card-number-refused", "billing.name"),
        ({"address": f"Flat 4, {CARD}"}, "card-number-refused", "billing.address"),
    ],
)
async def test_text_that_cannot_stand_on_an_invoice_is_refused(
    world: ProcessWorld, billing: dict[str, str], slug: str, field: str
) -> None:
    """
    The field is named, what was typed is not repeated, and nothing of it is kept.
    """
    course = await world.course()

    answer = await world.student().initiate(course, billing=billing)

    told = problem(answer, 422, slug)
    assert [each["field"] for each in told["errors"]] == [field]
    assert CARD not in answer.text
    assert await world.records.count("payment", "course_id = $1", course) == 0


async def test_text_is_trimmed(world: ProcessWorld) -> None:
    """
    Blanks around what was typed reach neither the records nor the invoice.
    """
    asha, course = world.student(), await world.course()

    await asha.opened(
        f"  {course} ",
        billing={
            "name": "  Asha  ",
            "state_code": " 29 ",
            "gstin": " 29aagcb7383j1z4 ",
            "address": " 1 Lake Road ",
        },
    )

    kept = await world.records.rows(
        "SELECT buyer_name, buyer_state, buyer_gstin, buyer_address FROM payment WHERE course_id = $1",
        course,
    )
    assert kept == [
        {
            "buyer_name": "Asha",
            "buyer_state": "29",
            "buyer_gstin": "29AAGCB7383J1Z4",
            "buyer_address": "1 Lake Road",
        }
    ]


async def test_an_address_is_asked_for_where_the_law_wants_it(world: ProcessWorld) -> None:
    """
    From fifty thousand rupees on the invoice shows where the buyer lives.
    """
    course = await world.course(list_price="60000.00")

    told = problem(await world.student().initiate(course), 422, "address-required")
    assert told["errors"][0]["field"] == "billing.address"
    await world.student().opened(course, billing={"address": "1 Lake Road, Mysuru"})


async def test_each_attempt_is_audited_with_where_it_came_from(world: ProcessWorld) -> None:
    """
    Opened or refused: address and user agent stand in the audit log, the client's own id does not.
    """
    asha, course = world.student(), await world.course()
    seen = {"User-Agent": f"{course}/1.0", "X-Request-ID": course, "X-Forwarded-For": "203.0.113.9"}

    made = await asha.opened(course, headers=seen)
    problem(await asha.initiate(course, headers=seen), 409, "live-attempt-exists")
    problem(await asha.initiate(course, "NEVERMADE", headers=seen), 409, "live-attempt-exists")

    lines = await world.records.rows(
        "SELECT actor, source, action, subject, ip, user_agent FROM audit_log"
        " WHERE user_agent = $1 AND correlation_id <> $2 ORDER BY id",
        f"{course}/1.0",
        course,
    )
    one = {
        "actor": f"student:{asha.person.id}",
        "source": "initiate",
        "ip": "127.0.0.1",
        "user_agent": f"{course}/1.0",
    }
    refused = one | {"action": "payment.refused", "subject": f"student:{asha.person.id}"}
    assert lines == [
        one | {"action": "payment.opened", "subject": made["transaction_id"]},
        refused,
        refused,
    ]
