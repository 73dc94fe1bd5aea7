"""What the description says of webhooks is what the platform is told."""

import json
import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest

from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.webhook_event import PayloadVersion
from entrypoints.http.webhook_descriptions import OF_PAYMENT, REFERENCE, SUMMARIES
from unit.application.webhooks import test_tell_platform as stories
from worlds.lent_apps import laid_out
from worlds.memory import MemoryWorld
from worlds.settings import settings_with

Story = Callable[[MemoryWorld], Awaitable[None]]


def ways(story: Callable[..., Awaitable[None]]) -> list[Story]:
    """Return *story* alone, or once with each value that it is parametrised with."""
    told: list[Story] = [story]
    marks = getattr(story, "pytestmark", ())
    for name, values in (mark.args for mark in marks if mark.name == "parametrize"):
        told = [partial(each, **{name: value}) for each in told for value in values]
    return told


STORIES: Final[list[Story]] = [
    way for name, told in vars(stories).items() if name.startswith("test_") for way in ways(told)
]
PAGE: Final = Path(__file__).parents[3] / "docs" / "webhooks.md"
ROW: Final = re.compile(r"^\| `([a-z._]+)` \| (.+) \| (.*)\|$", re.MULTILINE)
QUOTED: Final = re.compile(r"`([a-z_]+)`")


@pytest.fixture(scope="module")
def messages() -> dict[str, dict[str, Any]]:
    """The schema of each type's message."""
    described = laid_out(settings_with()).openapi_schema.to_schema()
    return {
        name: each["post"]["requestBody"]["content"]["application/json"]["schema"]
        for name, each in described["webhooks"].items()
    }


def test_each_type_is_described_with_a_valid_example(messages: dict[str, dict[str, Any]]) -> None:
    assert set(messages) == set(WebhookEventType)
    for schema in messages.values():
        (example,) = schema["examples"]
        jsonschema_rs.validate(schema, example)
        assert set(example["data"]) == set(schema["properties"]["data"]["required"])


async def test_what_is_told_is_what_is_described(messages: dict[str, dict[str, Any]]) -> None:
    """
    Each fact of every story: it has what is promised, and nothing that is not described.
    """
    seen = set()
    for story in STORIES:
        world = MemoryWorld()
        await story(world)
        for event in stories.told(world):
            body = json.loads(event.body(PayloadVersion.FIRST))
            schema = messages[event.type]
            jsonschema_rs.validate(schema, body, validate_formats=True)
            assert set(body) == set(schema["properties"])
            assert set(body["data"]) <= set(schema["properties"]["data"]["properties"])
            seen.add(event.type)
        world.close()

    # A test message is no fact: somebody sends it by hand.
    assert set(WebhookEventType) - seen == {WebhookEventType.ENDPOINT_TEST}


def test_the_page_says_what_the_description_says(messages: dict[str, dict[str, Any]]) -> None:
    """
    docs/webhooks.md has each type in the words of the description, and names the members of its data.
    """
    page = PAGE.read_text(encoding="utf-8").replace("\n", " ")
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    shared = {
        f"of the {subject}": QUOTED.findall(
            page.partition(f"Of the {subject}: ")[2].partition(". ")[0]
        )
        for subject in ("refund", "dispute")
    }

    assert {name: words for name, words, _ in rows} == {
        each.value: words for each, words in SUMMARIES.items()
    }
    for name, _, besides in rows:
        told = set(shared.get(besides.strip(), QUOTED.findall(besides)))
        described = set(messages[name]["properties"]["data"]["properties"])
        assert told == described - set(OF_PAYMENT) - set(REFERENCE), name
