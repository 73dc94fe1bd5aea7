"""The console's data of people: counts and no value, an erasure as it was seen and with a code, and holds."""

import re
from datetime import timedelta
from typing import Any, Final

import pytest

from contracts.privacy.personal_records_contract import ASHA, a_lapsed, an_act
from domain.privacy.erasure import PersonalData
from domain.staff.access import Role
from entrypoints.http.console.privacy import DATA_WORDS
from fakes.samples import payment_id
from worlds.http import Client, HttpWorld, into_console

PAGE: Final = "/console/privacy"
ASHAS: Final = f"{PAGE}?student=asha"
CARD: Final = "4111 1111 1111 1111"


class Admin:
    """An administrator in the console, and a student with an old payment."""

    def __init__(self, client: Client, world: HttpWorld, token: str) -> None:
        self.client, self.world, self.token = client, world, token

    async def post(self, place: str, /, **fields: Any) -> Any:
        return await self.client.post(place, data={"csrf_token": self.token, **fields})

    async def erase(self, **changes: Any) -> Any:
        """Send the form of the page with a new code."""
        self.world.clock.move(timedelta(seconds=30))
        page = (await self.client.get(ASHAS)).text
        found = re.search(r'name="fingerprint" value="([0-9a-f]+)"', page)
        assert found
        form = {"student": "asha", "fingerprint": found[1], "reason": "Request 17", "sure": "yes"}
        form |= {"code": self.world.code(self.world.seeds["zoya"])}
        return await self.post(f"{PAGE}/erase", **form | changes)

    @property
    def email(self) -> str:
        return self.world.memory.store.payments[payment_id(1)].student.email


@pytest.fixture
async def admin(client: Client, world: HttpWorld) -> Admin:
    payment = a_lapsed()
    world.memory.store.payments[payment.id] = payment
    world.memory.store.audit.append(an_act(payment.id))
    world.clock.move(timedelta(days=400))
    return Admin(client, world, await into_console(client, world, "zoya", Role.ADMIN))


def test_each_kind_of_data_has_its_words() -> None:
    """
    What stays is told to people.
    """
    assert set(DATA_WORDS) == set(PersonalData)


async def test_a_student_is_looked_up(admin: Admin) -> None:
    """
    By counts and without a value; nobody known and a card number are told so, and the number is not shown again.
    """
    page = (await admin.client.get(ASHAS)).text
    nobody = await admin.client.get(f"{PAGE}?student=nobody")
    card = await admin.client.get(PAGE, params={"student": CARD})

    assert "<dt>Acts in the audit log</dt><dd>1</dd>" in page
    assert not [
        each for each in (ASHA.email, ASHA.phone, "12 MG Road", "192.0.2.7") if each in page
    ]
    for answer in (nobody, card):
        assert (answer.status_code, "Nothing is kept of a student" in answer.text) == (404, True)
    assert CARD not in card.text


async def test_all_that_is_kept_is_exported(admin: Admin) -> None:
    """
    As a file that no cache keeps; the audit log says who did it.
    """
    answer = await admin.post(f"{PAGE}/export", student="asha")

    assert answer.json()["payments"][0]["email"] == ASHA.email
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    entry = admin.world.memory.store.audit[-1]
    assert (entry.action, entry.origin.actor) == ("personal_data.exported", "staff:zoya")
    assert (await admin.post(f"{PAGE}/export", student="nobody")).status_code == 404


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"fingerprint": "0" * 16}, 'id="erase-fault"'),
        ({"reason": "Asha asked"}, "it names the person"),
        ({"reason": CARD}, 'id="erase-fault"'),
        ({"sure": ""}, "Say that the person"),
        ({"code": "000000"}, 'id="code-fault" role="alert"'),
    ],
    ids=["another plan", "a name", "a card", "unsure", "wrong code"],
)
async def test_what_erases_nothing_is_told(admin: Admin, fields: dict[str, Any], told: str) -> None:
    """
    What was typed stays in the form, unless it is a card number.
    """
    answer = await admin.erase(**fields)

    assert (answer.status_code, told in answer.text) == (422, True), answer.text
    reason = fields.get("reason", "Request 17")
    assert (f'value="{reason}"' in answer.text) == (reason != CARD)
    assert admin.email == ASHA.email


async def test_what_was_seen_is_erased(admin: Admin) -> None:
    """
    And the page says that it was, with the reason.
    """
    done = await admin.erase()
    page = (await admin.client.get(ASHAS)).text

    assert (done.status_code, done.headers["location"]) == (303, ASHAS)
    assert admin.email != ASHA.email
    assert "reason: Request 17" in page
    assert "of 0 payments" in page


async def test_a_payment_is_held_and_released(admin: Admin) -> None:
    """
    From its own page; what stays then is told with its law, and what is no payment, or not held, is told.
    """
    about = {"payment": payment_id(1), "reason": "Case 4"}
    form = (await admin.client.get(f"{PAGE}?payment={payment_id(1)}")).text

    early = await admin.post(f"{PAGE}/release", **about)
    held = await admin.post(f"{PAGE}/hold", **about)
    page = (await admin.client.get(ASHAS)).text
    released = await admin.post(f"{PAGE}/release", **about)
    wrong = await admin.post(f"{PAGE}/hold", **about | {"payment": CARD})
    card = await admin.post(f"{PAGE}/hold", **about | {"reason": CARD})

    assert f'value="{payment_id(1)}"' in form
    assert (early.status_code, 'id="release-fault"' in early.text) == (422, True)
    assert (held.status_code, released.status_code) == (303, 303)
    assert "1 payment under legal hold" in page
    assert "Staff placed a legal hold" in page
    for answer in (wrong, card):
        assert (answer.status_code, 'id="hold-fault"' in answer.text) == (422, True)
        assert CARD not in answer.text
    assert not admin.world.memory.store.legal_holds


async def test_others_hold_or_do_not(admin: Admin) -> None:
    """
    Finance places holds and is shown nothing of a student; support has no page. Without a form token nothing is done.
    """
    client, world = admin.client, admin.world
    forged = await client.post(f"{PAGE}/export", data={"student": "asha"})
    token = await into_console(client, world, "farhan", Role.FINANCE)
    page = (await client.get(ASHAS)).text
    about = {"csrf_token": token, "student": "asha"}
    refused = [await client.post(f"{PAGE}/{act}", data=about) for act in ("export", "erase")]
    await into_console(client, world, "sana", Role.SUPPORT)
    hidden = await client.get(PAGE)

    assert 'id="kept"' not in page
    assert "Hold a payment" in page
    assert [each.status_code for each in (forged, *refused, hidden)] == [403] * 4
