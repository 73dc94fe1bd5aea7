"""The mailbox as a process: mail goes in over SMTP and is read over HTTP."""

import json
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

import entrypoints

SOURCES = str(Path(entrypoints.__file__).parents[1])
PATIENCE_SECONDS = 30.0


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    announce = tmp_path_factory.mktemp("mailbox") / "addresses.json"
    command = [sys.executable, "-m", "entrypoints.mailbox", "--http-port", "0", "--smtp-port", "0"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--announce", str(announce)], env=os.environ | {"PYTHONPATH": SOURCES}
    )
    with process:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not announce.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        yield json.loads(announce.read_bytes())
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


@pytest.fixture
def mailbox(addresses: dict[str, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=addresses["http"], trust_env=False, verify=False) as client:
        client.delete("/messages")
        yield client


def send(addresses: dict[str, str], mail: EmailMessage) -> None:
    place = urlsplit(addresses["smtp"])
    with smtplib.SMTP(place.hostname or "", place.port or 0, timeout=10) as server:
        server.send_message(mail)


def a_mail(html: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "fees@example.com"
    mail["To"] = "Asha <asha@example.com>"
    mail["Subject"] = "<b>Your course</b>"
    mail.set_content("Namaste")
    mail.add_alternative(html, subtype="html")
    mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="invoice.pdf")
    return mail


def test_mail_is_listed_as_json(addresses: dict[str, str], mailbox: httpx.Client) -> None:
    """
    Programs that test against the demo find what a student would have got.
    """
    send(addresses, a_mail("<p>Namaste</p>"))

    (message,) = mailbox.get("/messages").json()

    assert set(message) == {
        *("id", "from", "to", "subject", "text", "html", "attachments", "received_at")
    }
    assert message["to"] == "asha@example.com"
    assert message["text"].strip() == "Namaste"
    assert message["attachments"] == [{"name": "invoice.pdf", "size": 5}]


def test_a_file_can_be_opened(addresses: dict[str, str], mailbox: httpx.Client) -> None:
    """
    A document opens in the browser; anything else is only a download.
    """
    mail = a_mail("<p>Namaste</p>")
    mail.add_attachment(b"<script>", maintype="text", subtype="html", filename='x".html')
    send(addresses, mail)
    (message,) = mailbox.get("/messages").json()

    files = [mailbox.get(f"/messages/{message['id']}/files/{number}") for number in range(3)]

    assert [each.status_code for each in files] == [200, 200, 404]
    assert files[0].content == b"%PDF-"
    assert files[0].headers["content-type"] == "application/pdf"
    assert files[1].headers["content-type"] == "application/octet-stream"
    assert files[1].headers["content-disposition"].startswith("attachment")
    for page in (f"/messages/{message['id']}", "/"):
        assert f"/messages/{message['id']}/files/0" in mailbox.get(page).text


def test_the_pages_show_it_harmlessly(addresses: dict[str, str], mailbox: httpx.Client) -> None:
    """
    What a stranger wrote runs no script, neither ours nor its own.
    """
    send(addresses, a_mail("<script>alert(1)</script>"))
    (message,) = mailbox.get("/messages").json()

    inbox = mailbox.get("/")
    page = mailbox.get(f"/messages/{message['id']}")
    inside = mailbox.get(f"/messages/{message['id']}/html")

    assert "&lt;b&gt;Your course&lt;/b&gt;" in inbox.text
    assert "<script" not in page.text
    assert "<iframe sandbox " in page.text
    assert "sandbox" in inside.headers["content-security-policy"].split("; ")
    for answer in (inbox, page, inside):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src" not in policy


def test_the_box_can_be_emptied(addresses: dict[str, str], mailbox: httpx.Client) -> None:
    """
    A test begins with nothing in the box.
    """
    send(addresses, a_mail("<p>Namaste</p>"))

    assert mailbox.delete("/messages").status_code == 204
    assert mailbox.get("/messages").json() == []
    assert "No mail yet" in mailbox.get("/").text


def test_a_message_that_is_gone_is_not_found(mailbox: httpx.Client) -> None:
    """
    An old link says so instead of showing somebody else's message.
    """
    assert mailbox.get("/messages/none").status_code == 404
    assert mailbox.get("/messages/none/html").status_code == 404


def test_a_huge_mail_is_refused(addresses: dict[str, str], mailbox: httpx.Client) -> None:
    """
    The box has a limit a message, told to the sender.
    """
    mail = a_mail("x")
    mail.add_attachment(b"x" * 11_000_000, maintype="application", subtype="x", filename="x")

    with pytest.raises(smtplib.SMTPSenderRefused):
        send(addresses, mail)

    assert mailbox.get("/messages").json() == []
