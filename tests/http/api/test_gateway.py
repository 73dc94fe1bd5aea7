"""What the bank sends: proven or refused, stored before it is thanked for, and never the last word."""

import logging
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from adapters.fake.script import Fault, Outcome
from domain.identifiers import PaymentId
from domain.payments.order_facts import OrderFacts, Verdict
from domain.payments.payment_state import State
from ports.payments.inbox import EntryState
from ports.payments.payment_gateway import GatewayOperation
from ports.unit_of_work import StorageUnavailable
from worlds.http import FORM, Client, HttpWorld, begun_payment, problem

CALLBACK: Final = "/api/payment/callback"
WEBHOOK: Final = "/api/payment/webhook"


def state_of(world: HttpWorld, payment: str) -> State:
    return world.memory.store.payments[PaymentId(payment)].state


@pytest.mark.parametrize("by_post", [False, True])
async def test_a_return_settles_and_leads_on(
    client: Client, world: HttpWorld, *, by_post: bool
) -> None:
    """
    By GET or by POST, without any cookie: settled by the bank's own answer, then 303 to the result.
    """
    payment = await begun_payment(client, world.bearer())
    fields = world.pay(payment)
    if by_post:
        answer = await client.post(CALLBACK, content=fields, headers=FORM)
    else:
        answer = await client.get(f"{CALLBACK}?{fields}")

    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/result/{payment}?answered=1",
    )
    assert state_of(world, payment) is State.SUCCESS
    assert world.woken == 1


async def test_a_return_is_believed_no_further_than_the_bank(
    client: Client, world: HttpWorld
) -> None:
    """
    A signed "paid" while the bank says otherwise makes no sale.
    """
    payment = await begun_payment(client, world.bearer())
    fields = world.pay(payment)
    nothing = OrderFacts(payment=PaymentId(payment), verdict=Verdict.NOT_ATTEMPTED)
    world.gateway.answer(PaymentId(payment), nothing)

    answer = await client.get(f"{CALLBACK}?{fields}")

    assert answer.status_code == 303
    assert state_of(world, payment) is State.PENDING


async def test_the_bank_being_away_is_not_the_students_trouble(
    client: Client, world: HttpWorld
) -> None:
    """
    Without an answer from the bank the student goes on to the result page all the same.
    """
    payment = await begun_payment(client, world.bearer())
    world.gateway.fail_next(GatewayOperation.READ_ORDER, Fault.DOWN)
    answer = await client.get(f"{CALLBACK}?{world.pay(payment, Outcome.FAILURE)}")

    assert answer.status_code == 303
    assert state_of(world, payment) is State.PENDING


@pytest.mark.parametrize("by_post", [False, True])
async def test_a_forged_return(
    client: Client, world: HttpWorld, caplog: pytest.LogCaptureFixture, *, by_post: bool
) -> None:
    """
    401 as a page that no search engine keeps, and a security event without the fields' content.
    """
    payment = await begun_payment(client, world.bearer())
    fields = world.pay(payment).replace("CHARGED", "REFUNDED")
    with caplog.at_level(logging.WARNING):
        if by_post:
            answer = await client.post(CALLBACK, content=fields, headers=FORM)
        else:
            answer = await client.get(f"{CALLBACK}?{fields}")

    assert answer.status_code == 401
    assert 'name="robots" content="noindex"' in answer.text
    assert state_of(world, payment) is State.PENDING
    [event] = [each for each in caplog.records if hasattr(each, "event_type")]
    assert event.__dict__["event_type"] == "security"
    assert "REFUNDED" not in str(event.__dict__)


@pytest.mark.parametrize(
    "added",
    [
        "fbclid=IwAR0abc",
        "utm_source=news&utm_medium=email&utm_source=again",
        "gclid=1&_ga=2.3&msclkid=4",
        "mc_eid=a%26status%3DCHARGED",
    ],
)
@pytest.mark.parametrize("first", [False, True])
async def test_what_trackers_add_is_left_out(
    client: Client, world: HttpWorld, caplog: pytest.LogCaptureFixture, added: str, *, first: bool
) -> None:
    """
    A mail program or a browser's add-on marked the address: the student goes on to the status.
    """
    payment = await begun_payment(client, world.bearer())
    fields = world.pay(payment)
    with caplog.at_level(logging.INFO):
        query = f"{added}&{fields}" if first else f"{fields}&{added}"
        answer = await client.get(f"{CALLBACK}?{query}")

    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/result/{payment}?answered=1",
    )
    assert state_of(world, payment) is State.SUCCESS
    [line] = [each for each in caplog.records if each.getMessage() == "callback.changed"]
    assert line.__dict__["fields"][0] == added.partition("=")[0]


async def test_trackers_excuse_no_forgery(client: Client, world: HttpWorld) -> None:
    """
    The signed fields are checked all the same; the page leads a student on to their own payment.
    """
    payment = await begun_payment(client, world.bearer())
    fields = world.pay(payment)
    forged = fields.replace("CHARGED", "REFUNDED")

    for query in (f"{forged}&utm_source=news", f"{fields}&amount=1.00"):
        answer = await client.get(f"{CALLBACK}?{query}")

        assert answer.status_code == 401
        assert f'href="/result/{payment}"' in answer.text
        assert "nothing is lost" in answer.text


@pytest.mark.parametrize(
    "encoded", ["", "order_id=1&order_id=2&status=NEW&signature=x", "a=%FF", "&".join("a=1" * 90)]
)
async def test_what_is_no_return(client: Client, encoded: str) -> None:
    """
    Nothing, repeats, broken encoding or far too many fields: a page, 400 or 401, never 500.
    """
    for answer in (
        await client.get(f"{CALLBACK}?{encoded}"),
        await client.post(CALLBACK, content=encoded, headers=FORM),
    ):
        assert answer.status_code in {400, 401}
        assert answer.headers["content-type"].startswith("text/html")


async def test_a_return_for_nobody(client: Client, world: HttpWorld) -> None:
    """
    A well-signed return for an order we never had is not found.
    """
    payment = await begun_payment(client, world.bearer())
    fields = world.pay(payment)
    world.memory.store.payments.clear()

    assert (await client.get(f"{CALLBACK}?{fields}")).status_code == 404


async def test_a_return_as_json(client: Client) -> None:
    """
    The bank posts forms; anything else is 415.
    """
    assert (await client.post(CALLBACK, json={"order_id": "x"})).status_code == 415


async def test_a_webhook_is_kept_then_thanked_for(client: Client, world: HttpWorld) -> None:
    """
    200 means it is in the inbox; the workers are woken, and the payment is not touched yet.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment)
    headers, body = world.gateway.event(PaymentId(payment))
    answer = await client.post(WEBHOOK, content=body, headers=headers)

    assert (answer.status_code, answer.json()) == (200, {})
    assert [row.state for row in world.memory.store.inbox.values()] == [EntryState.NEW]
    assert state_of(world, payment) is State.PENDING
    assert world.woken == 1


@pytest.mark.parametrize("paid", [True, False], ids=["taken", "refused"])
async def test_the_router_answers_a_webhook_as_its_entrance_does(
    client: Client, world: HttpWorld, *, paid: bool
) -> None:
    """
    A body without a length is the router's; status, body and headers are the same.
    """
    payment = await begun_payment(client, world.bearer())
    world.pay(payment)
    headers, body = world.gateway.event(PaymentId(payment))

    async def in_parts() -> AsyncIterator[bytes]:
        yield body[:9]
        yield body[9:]

    whole, parts = [
        await client.post(WEBHOOK, content=content, headers=headers if paid else {})
        for content in (body, in_parts())
    ]

    assert "content-length" in whole.request.headers
    assert "content-length" not in parts.request.headers
    assert whole.status_code == parts.status_code == (200 if paid else 401)
    own = {"x-request-id"}
    assert {*whole.headers} == {*parts.headers}
    assert {k: v for k, v in whole.headers.items() if k not in own} == {
        k: v for k, v in parts.headers.items() if k not in own
    }
    assert [row.copies for row in world.memory.store.inbox.values()] == ([2] if paid else [])
    assert world.woken == (2 if paid else 0)


async def test_a_webhook_by_no_version_of_ours_is_refused(client: Client, world: HttpWorld) -> None:
    """
    What else a request says is looked into, although its body is one that would be kept.
    """
    payment = await begun_payment(client, world.bearer())
    headers, body = world.gateway.event(PaymentId(payment))

    answer = await client.post(WEBHOOK, content=body, headers=headers | {"Shulk-Version": "none"})

    problem(answer, 400, "version-unknown")
    assert world.memory.store.inbox == {}


async def test_a_body_that_ends_early_is_refused(client: Client, world: HttpWorld) -> None:
    """
    Whoever goes away in the middle of a body has sent nothing.
    """
    payment = await begun_payment(client, world.bearer())
    headers, body = world.gateway.event(PaymentId(payment))
    messages = [
        {"type": "http.request", "body": body, "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0) if len(messages) > 1 else messages[0]

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "method": "POST",
        "path": WEBHOOK,
        "raw_path": WEBHOOK.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 9),
        "headers": [
            (b"content-length", str(len(body) + 9).encode()),
            *((name.lower().encode(), value.encode()) for name, value in headers.items()),
        ],
    }
    await world.app()(scope, receive, send)

    assert sent[0]["status"] == 400
    assert world.memory.store.inbox == {}


async def test_a_forged_webhook_learns_nothing(client: Client, world: HttpWorld) -> None:
    """
    Whatever is wrong with the credentials, the 401 is the same, and nothing is stored.
    """
    payment = await begun_payment(client, world.bearer())
    headers, body = world.gateway.event(PaymentId(payment))
    answers = [
        await client.post(WEBHOOK, content=content, headers=sent)
        for content, sent in (
            (body, {}),
            (b"not json", {}),
            (body, {name: f"{value}x" for name, value in headers.items()}),
            (body, dict.fromkeys(headers, "")),
        )
    ]

    for answer in answers:
        problem(answer, 401, "forged-message")
    told = {answer.text.replace(answer.json()["request_id"], "") for answer in answers}
    assert len(told) == 1
    assert world.memory.store.inbox == {}
    assert world.woken == 0


async def test_a_webhook_that_cannot_be_kept_is_not_thanked_for(
    client: Client, world: HttpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Without the database the bank gets 503 and will come again; it is asked for once.
    """
    asked: list[object] = []

    async def away(*_: object, **__: object) -> None:
        asked.append(None)
        raise StorageUnavailable

    monkeypatch.setattr(type(world.memory.inbox), "enqueue", away)
    payment = await begun_payment(client, world.bearer())
    headers, body = world.gateway.event(PaymentId(payment))

    problem(await client.post(WEBHOOK, content=body, headers=headers), 503, "storage-unavailable")
    assert len(asked) == 1


async def test_a_cookie_does_not_matter_to_the_bank(client: Client, world: HttpWorld) -> None:
    """
    The bank's messages need no form token, and a stranger's bearer does not disturb them.
    """
    payment = await begun_payment(client, world.bearer())
    fields = world.pay(payment)
    client.cookies.set("shulk-session", "nonsense")
    sent = FORM | {"Authorization": "Bearer nonsense", "Sec-Fetch-Site": "cross-site"}

    assert (await client.post(CALLBACK, content=fields, headers=sent)).status_code == 303
