"""A platform that draws its own checkout is told what to ask, and tells what its student agreed to."""

from typing import Any, Final

from entrypoints.http.api import examples
from worlds.http import CHECKOUT, HttpWorld, into_console, problem
from worlds.settings import settings_with

URL: Final = "https://learn.example.com/notice"
QUOTE: Final = "/api/payment/quote"
INITIATE: Final = "/api/payment/initiate"


async def test_what_the_quote_asks_is_what_the_payment_keeps() -> None:
    """
    In both languages; the payment that is begun with its version bears it, and staff see it.
    """
    world = HttpWorld(settings_with(privacy_notice_url=URL))
    async with world.serve() as client:
        quote = await client.post(QUOTE, json=CHECKOUT, headers=world.bearer())
        notice: dict[str, Any] = quote.json()["privacy_notice"]
        asked = {**CHECKOUT, "consent": notice["version"]}
        begun = await client.post(INITIATE, json=asked, headers=world.bearer())
        transaction_id = begun.json()["transaction_id"]
        await into_console(client, world)
        shown = (await client.get(f"/console/payments/{transaction_id}")).text

    assert f'href="{URL}"' in shown
    assert f"version <code>{notice['version'][:12]}</code>" in shown
    assert (notice["url"], sorted(notice["texts"])) == (URL, ["en", "hi"])
    assert begun.status_code == 201
    (payment,) = world.memory.store.payments.values()
    assert payment.consent is not None
    assert payment.consent.version == notice["version"]


async def test_another_version_is_refused_and_none_is_taken() -> None:
    """
    A program that was written before there was a notice sells on as it did.
    """
    world = HttpWorld(settings_with(privacy_notice_url=URL))
    async with world.serve() as client:
        old = {**CHECKOUT, "consent": "0" * 64}
        refused = await client.post(INITIATE, json=old, headers=world.bearer())
        blank = {**CHECKOUT, "consent": " "}
        begun = await client.post(INITIATE, json=blank, headers=world.bearer())

    told = problem(refused, 409, "privacy-notice-changed")
    assert told["errors"][0]["field"] == "consent"
    assert begun.status_code == 201


async def test_consent_is_part_of_the_request() -> None:
    """
    The same key with another consent is another request; where nothing is asked none can be given.
    """
    world = HttpWorld(settings_with())
    async with world.serve() as client:
        headers = world.bearer() | {"Idempotency-Key": "k"}
        plain = await client.post(INITIATE, json=CHECKOUT, headers=headers)
        told = {**CHECKOUT, "consent": examples.NOTICE_VERSION}
        repeated = await client.post(INITIATE, json=told, headers=headers)
        fresh = await client.post(INITIATE, json=told, headers=world.bearer("ravi"))
        quote = await client.post(QUOTE, json=CHECKOUT, headers=world.bearer())

    assert plain.status_code == 201
    problem(repeated, 422, "idempotency-key-reused")
    problem(fresh, 409, "privacy-notice-changed")
    assert quote.json()["privacy_notice"] is None
