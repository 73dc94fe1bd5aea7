"""The demo's platform: it takes what is signed by its secret, opens courses by it, and has each effect once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from adapters.webhook.sender import HttpWebhooks
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.webhook_event import PayloadVersion, WebhookEvent
from entrypoints.platform.received import EVENTS_MAX, Received
from entrypoints.platform.server import PlatformServer
from fakes.hooked import an_event
from ports.notifications.webhook_sender import WebhookDelayed, WebhookEndpoint, WebhookMessage
from worlds.demo_platform import demo_platform

SECRET: Final = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
FOREIGN: Final = "whsec_HwABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4="


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[PlatformServer]:
    with demo_platform(tmp_path) as server:
        yield server


def enrolment(kind: WebhookEventType, sequence: int, student: str = "asha") -> WebhookEvent:
    data = {
        "transaction_id": "SKA",
        "student_id": student,
        "course_id": "algebra",
        "status": "success",
    }
    return an_event(type=kind, sequence=sequence, data=data)


async def tell(platform: PlatformServer, event: WebhookEvent, secret: str = SECRET) -> None:
    endpoint = WebhookEndpoint(url=f"{platform.url}/webhooks", secrets=(secret,))
    message = WebhookMessage(id=event.id, body=event.body(PayloadVersion.FIRST))
    await HttpWebhooks(anywhere=True).send(message, endpoint, datetime.now(UTC))


async def received(platform: PlatformServer) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        got: dict[str, Any] = (await http.get(f"{platform.url}/received")).json()
        return got


async def test_a_course_is_opened_and_closed_once(platform: PlatformServer) -> None:
    """
    A replay changes nothing, and neither does an older event that comes late.
    """
    platform.secret_file.write_text(f"{SECRET}\n", encoding="ascii")
    started = enrolment(WebhookEventType.ENROLMENT_STARTED, 2)
    await tell(platform, started)
    assert (await received(platform))["courses"] == [{"student_id": "asha", "course_id": "algebra"}]

    await tell(platform, enrolment(WebhookEventType.ENROLMENT_ENDED, 4))
    await tell(platform, started)
    await tell(platform, enrolment(WebhookEventType.ENROLMENT_STARTED, 3))

    got = await received(platform)
    assert got["courses"] == []
    assert {each["id"]: each["times"] for each in got["events"]}[started.id] == 2


async def test_what_is_not_signed_by_its_secret_is_refused(platform: PlatformServer) -> None:
    """
    Nor is anything taken before it has one.
    """
    event = enrolment(WebhookEventType.ENROLMENT_STARTED, 2)
    with pytest.raises(WebhookDelayed, match="401"):
        await tell(platform, event)
    platform.secret_file.write_text(SECRET, encoding="ascii")
    with pytest.raises(WebhookDelayed, match="401"):
        await tell(platform, event, FOREIGN)

    assert await received(platform) == {"courses": [], "events": []}


async def test_its_page_shows_it_harmlessly(platform: PlatformServer) -> None:
    """
    Foreign text is text; there is nothing else to be found.
    """
    platform.secret_file.write_text(SECRET, encoding="ascii")
    await tell(platform, enrolment(WebhookEventType.ENROLMENT_STARTED, 2, "<b>asha</b>"))
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        page = await http.get(platform.url)
        other = await http.get(f"{platform.url}/other")
        posted = await http.post(f"{platform.url}/other", content=b"{}")

    assert "&lt;b&gt;asha&lt;/b&gt;" in page.text
    assert "<b>asha" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (other.status_code, posted.status_code) == (404, 404)


def test_it_keeps_a_limited_number() -> None:
    """
    The oldest is forgotten; its course stays open.
    """
    box = Received()
    for number in range(EVENTS_MAX + 1):
        event = replace(enrolment(WebhookEventType.ENROLMENT_STARTED, 1), subject=str(number))
        told = {"type": event.type, "timestamp": "now", "data": {**event.data, "sequence": 1}}
        box.take(event.id, told)

    assert len(box.events) == EVENTS_MAX
    assert box.is_open("asha", "algebra")
