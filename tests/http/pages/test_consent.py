"""Where a privacy notice is set, the checkout page asks the student to agree to it, and does not go on without."""

from collections.abc import AsyncIterator
from html import unescape
from typing import Final

import pytest
import pytest_asyncio

from domain.payments.payment_state import State
from worlds.http import Client, HttpWorld, begun_payment, signed_in
from worlds.settings import settings_with

PAGE: Final = "/checkout/algebra"
URL: Final = "https://learn.example.com/notice"
FILLED: Final = {"name": "Asha", "state_code": "27", "key": "k1"}
OWN: Final = {"consent_text": "I agree to all of <it>.", "consent_text_hindi": "मैं सहमत हूँ।"}


@pytest.fixture
def world() -> HttpWorld:
    return HttpWorld(settings_with(privacy_notice_url=URL))


@pytest_asyncio.fixture
async def client(world: HttpWorld) -> AsyncIterator[Client]:
    async with world.serve() as client:
        yield client


def asked_in(world: HttpWorld) -> str:
    notice = world.wiring().container.privacy_notice()
    assert notice is not None
    return notice.version


@pytest.mark.parametrize(
    ("language", "words", "link"),
    [
        ("en", "I agree that Shulk Courses uses my name", "Read the privacy notice"),
        ("hi", "मैं सहमत हूँ कि Shulk Courses मेरे नाम", "गोपनीयता सूचना पढ़ें"),
    ],
)
async def test_the_page_asks_in_the_students_language(
    client: Client, world: HttpWorld, language: str, words: str, link: str
) -> None:
    """
    With the notice linked beside the box, which nobody has ticked for them.
    """
    headers = world.bearer() | {"Accept-Language": language}
    text = (await client.get(PAGE, headers=headers)).text

    assert words in text
    assert f'href="{URL}"' in text
    assert f"{link}</a>" in text
    assert f'name="consent" value="{asked_in(world)}" required aria' in text


async def test_the_operators_own_words_are_shown() -> None:
    """
    Escaped; another text is another version.
    """
    world = HttpWorld(settings_with(privacy_notice_url=URL, **OWN))
    async with world.serve() as client:
        text = (await client.get(PAGE, headers=world.bearer())).text
        usual = HttpWorld(settings_with(privacy_notice_url=URL))
        assert "I agree to all of &lt;it&gt;." in text
        assert asked_in(world) != asked_in(usual)


async def test_without_a_notice_nothing_is_asked() -> None:
    """
    The page is as it was.
    """
    world = HttpWorld(settings_with())
    async with world.serve() as client:
        assert 'name="consent"' not in (await client.get(PAGE, headers=world.bearer())).text


async def test_paying_keeps_what_was_agreed_to(client: Client, world: HttpWorld) -> None:
    """
    The price may be asked for before; a box that was ticked stays ticked.
    """
    form = FILLED | {"csrf_token": await signed_in(client, world), "consent": asked_in(world)}
    priced = (await client.post(f"{PAGE}/price", data=form)).text

    answer = await client.post(PAGE, data=form)

    assert f'value="{asked_in(world)}" required checked' in priced
    assert answer.status_code == 303
    (payment,) = world.memory.store.payments.values()
    assert payment.consent is not None
    assert (payment.consent.version, payment.consent.notice_url) == (asked_in(world), URL)


@pytest.mark.parametrize(
    ("consent", "status", "words"),
    [
        ({}, 422, "Please agree to the privacy notice first"),
        ({"consent": "0" * 64}, 409, "The privacy notice has changed"),
    ],
)
async def test_who_has_not_agreed_pays_nothing(
    client: Client, world: HttpWorld, consent: dict[str, str], status: int, words: str
) -> None:
    """
    The page says so at the box; the price without the box is shown all the same.
    """
    form = FILLED | {"csrf_token": await signed_in(client, world), **consent}

    refused = await client.post(PAGE, data=form)
    priced = await client.post(f"{PAGE}/price", data=form)

    text = unescape(refused.text)
    assert refused.status_code == status
    assert words in text
    assert 'id="consent-fault"' in text
    assert 'aria-describedby="consent-hint consent-fault" aria-invalid="true"' in text
    assert f'value="{asked_in(world)}" required checked' not in text
    assert priced.status_code == 200
    assert not world.memory.store.payments


async def test_what_is_under_way_is_not_ended_for_what_is_refused(
    client: Client, world: HttpWorld
) -> None:
    """
    The student would be left with neither.
    """
    token = await signed_in(client, world)
    live = await begun_payment(client, world.bearer())

    answer = await client.post(PAGE, data=FILLED | {"csrf_token": token, "replaces": live})

    assert answer.status_code == 422
    (payment,) = world.memory.store.payments.values()
    assert (payment.id, payment.state) == (live, State.PENDING)
