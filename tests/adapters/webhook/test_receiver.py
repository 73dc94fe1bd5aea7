"""The receiver of docs/webhooks.md, as it stands there, verifies what is sent; so does whoever rotates a secret."""

import asyncio
import os
import re
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.webhook.sender import HttpWebhooks
from domain.webhooks.event_type import WebhookEventType
from domain.webhooks.webhook_event import PayloadVersion
from fakes.hooked import an_event
from ports.notifications.webhook_sender import WebhookDelayed, WebhookEndpoint, WebhookMessage

PAGE: Final = Path(__file__).parents[3] / "docs" / "webhooks.md"
OLD: Final = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NEW: Final = "whsec_HwABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4="


async def test_the_receiver_of_the_page_verifies() -> None:
    """
    By the old secret while both are valid; what is signed by a foreign one is an error there, and comes again.
    """
    (receiver,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        receiver,
        env={**os.environ, "SECRET": OLD, "PORT": str(port)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    event = an_event()
    message = WebhookMessage(id=event.id, body=event.body(PayloadVersion.FIRST))
    url = f"http://127.0.0.1:{port}/"
    send = HttpWebhooks(anywhere=True).send
    try:
        async with asyncio.timeout(60):
            while True:
                with suppress(WebhookDelayed):
                    rotating = WebhookEndpoint(url=url, secrets=(NEW, OLD))
                    await send(message, rotating, datetime.now(UTC))
                    break
                await asyncio.sleep(0.05)
            told = (await process.stdout.readline()).decode()
            foreign = WebhookEndpoint(url=url, secrets=(NEW,))
            refused = await asyncio.gather(
                send(message, foreign, datetime.now(UTC)), return_exceptions=True
            )
    finally:
        process.kill()
        await process.wait()
    assert told.startswith(f"{event.id} payment.succeeded {{")
    assert isinstance(refused[0], WebhookDelayed)


def test_the_page_names_every_type() -> None:
    """
    And none that there is not.
    """
    rows = re.findall(
        r"^\| `([a-z_]+\.[a-z_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )

    assert rows == list(WebhookEventType)
