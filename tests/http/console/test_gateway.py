"""The console's gateway configuration: changed by two administrators, each with a code, and never a secret shown."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import PaymentMethod
from domain.money import Money
from domain.staff.access import Role
from entrypoints.settings.settings import secrets_of
from worlds.http import Client, HttpWorld, into_console

GATEWAY = "/console/gateway"
CHANGE, TEST = f"{GATEWAY}/change", f"{GATEWAY}/test"
CHECK = f"{CHANGE}/check"
NEW_KEY = "a-new-api-key-of-the-merchant"
AS_IT_IS = {
    "method": ["UPI", "CARD", "NB", "WALLET"],
    "minimum": "10.00",
    "maximum": "5,00,000.00",
    "minutes": "15",
    "merchant_id": "SIMMERCHANT",
    "payment_page_client_id": "hdfcmaster",
    "api_version": "2023-06-30",
    "webhook_user": "shulk",
    "based_on": "0",
    "reason": "the bank asked for it",
}


async def post(client: Client, world: HttpWorld, path: str, who: str, **fields: Any) -> Any:
    """Send a form of *who*, who is in the console, with a code that was not used."""
    world.clock.move(timedelta(seconds=30))
    token = (await client.get("/api/csrf")).json()["csrf_token"]
    return await client.post(
        path, data={"csrf_token": token, "code": world.code(world.seeds[who]), **fields}
    )


@pytest.fixture
async def admin(client: Client, world: HttpWorld) -> str:
    """Zoya, an administrator, is in the console."""
    return await into_console(client, world, "zoya", Role.ADMIN)


@pytest.mark.usefixtures("admin")
async def test_a_method_is_switched_off_at_once(client: Client, world: HttpWorld) -> None:
    """
    One administrator is enough; the page says when, and what was before.
    """
    page = (await client.get(GATEWAY)).text
    assert "In effect: version 0" in page
    assert "No version is stored" in page
    form = (await client.get(CHANGE)).text
    assert 'value="SIMMERCHANT"' in form
    assert 'name="maximum_upi"' in form
    wanted = AS_IT_IS | {"method": ["UPI"], "maximum": "1000", "maximum_upi": "₹1,500"}
    done = await post(client, world, CHANGE, "zoya", **wanted)
    assert (done.status_code, done.headers["location"]) == (303, GATEWAY), done.text
    page = (await client.get(GATEWAY)).text
    assert "In effect from" in page
    assert "instead of UPI, Cards, Net banking, Wallets" in page
    assert f'href="{CHANGE}"' not in page, "nothing is proposed while a version waits"
    world.clock.move(timedelta(seconds=60))

    page = (await client.get(GATEWAY)).text
    assert "In effect: version 1" in page
    assert "₹1,000.00" in page
    terms = world.memory.store.configurations[1].terms
    assert terms.methods == {PaymentMethod.UPI}
    assert terms.maxima == {PaymentMethod.UPI: Money(1500_00)}
    assert "UPI ₹1,500.00" in page
    assert 'value="1500.00"' in (await client.get(CHANGE)).text


@pytest.mark.usefixtures("admin")
async def test_a_credential_waits_for_another_administrator(
    client: Client, world: HttpWorld
) -> None:
    """
    Who proposed it sees no button to approve it; the other one finds it on the first page.
    """
    wanted = AS_IT_IS | {"api_key": NEW_KEY, "response_key": "a-new-response-key"}
    await post(client, world, CHANGE, "zoya", **wanted)
    page = (await client.get(GATEWAY)).text
    assert "Your own proposal is approved by another administrator" in page
    assert 'value="approve"' not in page
    own = await post(client, world, f"{GATEWAY}/versions/1", "zoya", decision="approve", reason="x")
    assert own.status_code == 422
    assert "Version 1 is your own proposal" in own.text

    await into_console(client, world, "anita", Role.ADMIN)
    assert "gateway configuration to approve" in (await client.get("/console")).text
    page = (await client.get(GATEWAY)).text
    assert 'value="approve"' in page
    tried = await post(client, world, TEST, "anita", version="1")
    assert "Test of version 1" in tried.text
    done = await post(
        client, world, f"{GATEWAY}/versions/1", "anita", decision="approve", reason="seen"
    )
    assert done.status_code == 303, done.text
    world.clock.move(timedelta(seconds=60))
    page = (await client.get(GATEWAY)).text
    assert "Old secrets are still accepted" in page
    ended = await post(
        client, world, f"{GATEWAY}/versions/1/end-old-secrets", "anita", reason="switched"
    )
    assert ended.status_code == 303
    page = (await client.get(GATEWAY)).text
    assert "Old secrets are still accepted" not in page
    for secret in {NEW_KEY, "a-new-response-key"} | secrets_of(world.settings):
        assert secret not in page


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"method": []}, "Methods: at least one is enabled."),
        ({"minimum": "9"}, "Lowest amount: it is at least"),
        ({"maximum": "much"}, "Not an exact amount"),
        ({"minutes": "soon"}, "Time to pay: write minutes as a number"),
        ({"minutes": "2"}, "it is 5 to 60 minutes"),
        ({"effective_from": "tomorrow"}, "Effective from: write a date and a time"),
        ({"based_on": "x"}, "open the form again"),
        ({"based_on": "7"}, "Version 0 is in effect meanwhile"),
        ({"api_key": "••••0001 · f3a9c2e1"}, "API key: 8 to 500"),
        ({}, "Nothing of the configuration would change"),
        ({"minutes": "5", "reason": ""}, "Reason: it is blank"),
        ({"minutes": "5", "code": "000000"}, "wrong or too old"),
    ],
)
async def test_what_is_refused_is_told_at_the_form(
    client: Client, world: HttpWorld, fields: dict[str, Any], words: str
) -> None:
    """
    What was typed is kept, but for the secrets, which are typed again.
    """
    wanted = AS_IT_IS | {"webhook_password": "typed-and-not-shown"} if fields else AS_IT_IS
    answer = await post(client, world, CHANGE, "zoya", **wanted | fields)

    assert answer.status_code == 422
    assert words in answer.text
    assert "Error: Change the gateway configuration" in answer.text
    assert "typed-and-not-shown" not in answer.text
    assert world.memory.store.configurations == {}


@pytest.mark.usefixtures("admin")
async def test_a_version_is_withdrawn_or_refused(client: Client, world: HttpWorld) -> None:
    """
    With a reason; a wrong code or decision does nothing.
    """
    later = AS_IT_IS | {"method": ["UPI"], "effective_from": "2026-08-20T09:30"}
    await post(client, world, CHANGE, "zoya", **later)
    version = f"{GATEWAY}/versions/1"
    assert "20 August 2026, 09:30:00 IST" in (await client.get(GATEWAY)).text
    odd = await post(client, world, version, "zoya", decision="burn", reason="x")
    assert odd.status_code == 422
    wrong = await post(client, world, version, "zoya", decision="reject", reason="x", code="000000")
    assert (wrong.status_code, "wrong or too old" in wrong.text) == (422, True)
    blank = await post(client, world, version, "zoya", decision="reject", reason=" ")
    assert "it is blank" in blank.text
    done = await post(client, world, version, "zoya", decision="reject", reason="a slip")
    assert done.status_code == 303
    assert "a slip" in (await client.get(GATEWAY)).text
    for number, status in (("x", 422), ("9", 422)):
        tried = await post(client, world, TEST, "zoya", version=number)
        assert tried.status_code == status


@pytest.mark.usefixtures("admin")
async def test_the_page_opens_with_a_lost_secret(client: Client, world: HttpWorld) -> None:
    """
    It says what has to be entered again.
    """
    await post(client, world, CHANGE, "zoya", **AS_IT_IS | {"method": ["UPI"]})
    store = world.memory.store
    version = store.configurations[1]
    lost = {**version.secrets, SecretField.API_KEY: "lost:key"}
    store.configurations[1] = replace(version, secrets=lost)
    world.clock.move(timedelta(seconds=60))

    assert "cannot be read: enter it again" in (await client.get(GATEWAY)).text
    assert "enter it again" in (await client.get(CHANGE)).text


async def test_whoever_may_only_look_finds_no_form(client: Client, world: HttpWorld) -> None:
    """
    Finance sees the configuration; support does not.
    """
    await into_console(client, world, "farhan", Role.FINANCE)
    page = await client.get(GATEWAY)
    assert page.status_code == 200
    assert "Test the connection" not in page.text
    assert (await client.get(CHANGE)).status_code == 403
    await into_console(client, world, "sunil", Role.SUPPORT)
    assert (await client.get(GATEWAY)).status_code == 403


async def test_a_locked_configuration_says_so(world: HttpWorld) -> None:
    """
    Nothing can be proposed while the operator keeps it in the environment.
    """
    locked = type(world.settings.gateway_config)("environment")
    world.settings = replace(world.settings, gateway_config=locked)
    async with world.serve() as client:
        await into_console(client, world, "zoya", Role.ADMIN)
        page = (await client.get(GATEWAY)).text
        refused = await post(client, world, CHANGE, "zoya", **AS_IT_IS | {"method": ["UPI"]})

    assert "Kept in the environment" in page
    assert f'href="{CHANGE}"' not in page
    assert refused.status_code == 422


@pytest.mark.usefixtures("admin")
async def test_what_differs_is_seen_before_it_is_saved(client: Client, world: HttpWorld) -> None:
    """
    A typed secret is never shown; it goes along encrypted, also over another look at the form.
    """
    wanted = AS_IT_IS | {"api_key": NEW_KEY, "minutes": "20"}
    checked = (await post(client, world, CHECK, "zoya", **wanted)).text
    assert "2 differences from version 0" in checked
    assert "It waits for another administrator" in checked
    assert f"••••{NEW_KEY[-4:]}" in checked
    assert world.memory.store.configurations == {}
    edited = await post(client, world, CHECK, "zoya", **AS_IT_IS, kept=kept(checked), act="edit")
    assert "Typed already" in edited.text
    assert NEW_KEY not in checked + edited.text
    again = AS_IT_IS | {"minutes": "20", "kept": kept(edited.text)}
    wrong = await post(client, world, CHANGE, "zoya", **again, code="000000")
    assert (wrong.status_code, "wrong or too old" in wrong.text) == (422, True)

    saved = await post(client, world, CHANGE, "zoya", **again | {"kept": kept(wrong.text)})

    assert saved.status_code == 303, saved.text
    page = (await client.get(GATEWAY)).text
    assert f"••••{NEW_KEY[-4:]}" in page


@pytest.mark.usefixtures("admin")
async def test_what_only_narrows_says_from_when(client: Client, world: HttpWorld) -> None:
    """
    What is refused is told at the form, and what was kept too long is typed again.
    """
    narrow = AS_IT_IS | {"method": ["UPI"]}
    assert "It only narrows" in (await post(client, world, CHECK, "zoya", **narrow)).text
    old = AS_IT_IS | {"kept": "x:y"}
    answer = await post(client, world, CHECK, "zoya", **old)
    assert (answer.status_code, "type them again" in answer.text) == (422, True)
    assert 'name="kept" value=""' in answer.text


@pytest.mark.usefixtures("admin")
async def test_what_is_typed_is_tried_before_it_is_saved(client: Client, world: HttpWorld) -> None:
    """
    The form stands as it was typed, with the verdict of the bank above it.
    """
    wanted = AS_IT_IS | {"api_key": NEW_KEY, "reason": "", "typed": "yes"}
    tried = await post(client, world, TEST, "zoya", **wanted)
    assert "Test of what stands below" in tried.text
    assert "Typed already" in tried.text
    assert NEW_KEY not in tried.text
    assert world.memory.store.audit[-1].facts["with"] == "a change that is not stored"
    refused = await post(client, world, TEST, "zoya", **wanted | {"minimum": "9"})
    assert (refused.status_code, "Lowest amount" in refused.text) == (422, True)


@pytest.mark.usefixtures("admin")
async def test_an_earlier_version_is_gone_back_to(client: Client, world: HttpWorld) -> None:
    """
    By a page that shows what changes back, for a reason; as a new version.
    """
    for number, methods in enumerate((["UPI", "CARD"], ["UPI"])):
        narrow = AS_IT_IS | {"method": methods, "based_on": str(number)}
        await post(client, world, CHANGE, "zoya", **narrow)
        world.clock.move(timedelta(seconds=60))
    page = (await client.get(GATEWAY)).text
    assert f'href="{CHANGE}?back_to=1"' in page
    assert f'href="{CHANGE}?back_to=2"' not in page

    shown = (await client.get(f"{CHANGE}?back_to=1")).text
    back = {"based_on": "2", "back_to": "1"}
    blank = await post(client, world, CHANGE, "zoya", **back, reason="")
    done = await post(client, world, CHANGE, "zoya", **back, reason="cards are missed")

    assert "Go back to version 1" in shown
    assert "1 difference from version 2" in shown
    assert "it is blank" in blank.text
    assert done.status_code == 303, done.text
    version = world.memory.store.configurations[3]
    assert version.terms.methods == {
        PaymentMethod.UPI,
        PaymentMethod.CARD,
    }
    assert not version.alone
    assert (await client.get(f"{CHANGE}?back_to=9")).status_code == 422
    assert (await client.get(f"{CHANGE}?back_to=x")).status_code == 422


def kept(page: str) -> str:
    """Return what a page carries of typed secrets."""
    found = re.search(r'name="kept" value="([^"]+)"', page)
    assert found
    return html.unescape(found[1])
