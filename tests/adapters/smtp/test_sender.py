"""Emails over SMTP to a real server, which also refuses, delays and fails."""

import asyncio
import ipaddress
import logging
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.smtp.sender import SmtpSender
from adapters.smtp.settings import EmailEncryption, SmtpSettings
from contracts.notifications.email_contract import EMAIL, EmailContract, Received
from fakes.clock import NOON, StoppedClock
from fakes.notifications.mail_server import HOST, MailServer, mail_server
from ports.notifications.email_sender import Attachment, EmailDelayed, EmailRefused


def settings_for(server: MailServer, *, email_seconds: float = 20.0) -> SmtpSettings:
    return SmtpSettings(
        host=HOST,
        port=server.port,
        sender="Shulk Courses <fees@example.com>",
        email_seconds=email_seconds,
    )


def sender_to(server: MailServer) -> SmtpSender:
    return SmtpSender(settings_for(server), StoppedClock())


@pytest_asyncio.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


@dataclass
class RealPost:
    server: MailServer

    @property
    def sender(self) -> SmtpSender:
        return sender_to(self.server)

    def received(self) -> Sequence[Received]:
        emails = []
        for email, envelope in zip(self.server.letters, self.server.envelopes, strict=True):
            text, html = email.get_body(["plain"]), email.get_body(["html"])
            assert text is not None
            assert html is not None
            emails.append(
                Received(
                    message_id=email["Message-ID"],
                    to=envelope.rcpt_tos[0],
                    subject=email["Subject"],
                    text=text.get_content().replace("\r\n", "\n"),
                    html=html.get_content().replace("\r\n", "\n"),
                    files=tuple(
                        (each.get_filename(""), each.get_content())
                        for each in email.iter_attachments()
                    ),
                )
            )
        return emails

    def be_busy_once(self) -> None:
        self.server.plan("RCPT", "451 4.7.1 asha@example.com, try again later")

    def refuse_once(self) -> None:
        self.server.plan("RCPT", "550 5.1.1 no mailbox asha@example.com")


class TestSmtpSender(EmailContract):
    @pytest.fixture
    def post(self, server: MailServer) -> RealPost:
        return RealPost(server)


async def test_the_headers_are_a_proper_email(server: MailServer) -> None:
    """
    Who wrote it, when by our clock, and that a machine did; the text comes before the HTML.
    """
    await sender_to(server).send(EMAIL)

    (email,) = server.letters
    assert email["From"] == "Shulk Courses <fees@example.com>"
    assert email["To"] == "asha@example.com"
    assert email["Date"].datetime == NOON
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["MIME-Version"] == "1.0"
    assert email.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in email.iter_parts()] == ["text/plain", "text/html"]
    assert server.envelopes[0].mail_from == "fees@example.com"


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ("451 4.3.0 greylisted", EmailDelayed, "answered 451 4.3.0"),
        ("450 busy", EmailDelayed, "answered 450"),
        ("550 5.1.1 gone", EmailRefused, "answered 550 5.1.1"),
        ("554 5.7.1 spam", EmailRefused, "answered 554 5.7.1"),
        ("530 5.7.0 log in first", EmailDelayed, "answered 530 5.7.0"),
    ],
)
async def test_the_answer_decides(
    server: MailServer, command: str, answer: str, error: type[Exception], said: str
) -> None:
    """
    4xx is later; 5xx about the email is never; 5xx about our login is ours to mend, so later.
    """
    server.plan(command, answer)

    with pytest.raises(error, match=said):
        await sender_to(server).send(EMAIL)


async def test_our_own_address_refused_loses_no_email(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """
    When the server does not like the sender, an operator hears of it and the email waits.
    """
    server.plan("MAIL", "553 5.7.1 not your address")

    with pytest.raises(EmailDelayed, match=r"553 5\.7\.1"):
        await sender_to(server).send(EMAIL)

    assert [each.levelno for each in caplog.records if "smtp" in each.name] == [logging.ERROR]


async def test_a_server_that_hangs_delays(server: MailServer) -> None:
    """
    An email takes no longer than it is given, whatever the server does.
    """
    server.hang = asyncio.Event()
    sender = SmtpSender(settings_for(server, email_seconds=0.2), StoppedClock())

    with pytest.raises(EmailDelayed, match="Timeout"):
        await sender.send(EMAIL)


async def test_nobody_listening_delays(server: MailServer) -> None:
    """
    A mail server that is down is a delay.
    """
    async with mail_server() as gone:
        settings = settings_for(gone)

    with pytest.raises(EmailDelayed, match="no connection"):
        await SmtpSender(settings, StoppedClock()).send(EMAIL)


async def test_rudeness_after_the_email_was_taken_is_no_delay(server: MailServer) -> None:
    """
    Once accepted it counts as sent: otherwise the student would get it twice.
    """
    server.plan("QUIT", "451 I would rather not")

    await sender_to(server).send(EMAIL)

    assert len(server.letters) == 1


async def test_a_login_that_works() -> None:
    """
    User and password go to the server when settings name them.
    """
    async with mail_server(login=True) as server:
        settings = replace(settings_for(server), user="fees", password="right")
        await SmtpSender(settings, StoppedClock()).send(EMAIL)

        assert server.logins[-1] == (b"fees", b"right")
        assert len(server.letters) == 1


async def test_a_wrong_password_delays_and_alerts(caplog: pytest.LogCaptureFixture) -> None:
    """
    535 is for the operators to mend; no email is lost, and the password is nowhere in the log.
    """
    async with mail_server(login=True) as server:
        settings = replace(settings_for(server), user="fees", password="wrong-secret")
        with pytest.raises(EmailDelayed, match="535"):
            await SmtpSender(settings, StoppedClock()).send(EMAIL)

    assert any(each.levelno == logging.ERROR for each in caplog.records)
    assert "wrong-secret" not in caplog.text + repr(settings)


@dataclass(frozen=True)
class Certificates:
    server: ssl.SSLContext
    trust: ssl.SSLContext


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOON - timedelta(days=365))
        .not_valid_after(NOON + timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path: Path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return Certificates(server, ssl.create_default_context(cafile=path))


async def test_starttls_encrypts_before_the_email(certificates: Certificates) -> None:
    """
    The connection is turned to TLS, with a certificate that is checked.
    """
    async with mail_server(starttls=certificates.server) as server:
        settings = replace(
            settings_for(server), encryption=EmailEncryption.STARTTLS, trust=certificates.trust
        )
        await SmtpSender(settings, StoppedClock()).send(EMAIL)

        assert server.over_tls == [True]


async def test_tls_from_the_start(certificates: Certificates) -> None:
    """
    ``smtps://`` speaks TLS from the first byte.
    """
    async with mail_server(tls=certificates.server) as server:
        settings = replace(
            settings_for(server), encryption=EmailEncryption.IMPLICIT, trust=certificates.trust
        )
        await SmtpSender(settings, StoppedClock()).send(EMAIL)

        assert len(server.letters) == 1


@pytest.mark.parametrize("encryption", [EmailEncryption.STARTTLS, EmailEncryption.IMPLICIT])
async def test_a_stranger_s_certificate_gets_nothing(
    certificates: Certificates, encryption: EmailEncryption
) -> None:
    """
    A server that cannot prove its name is not spoken to; the email waits.
    """
    implicit = encryption is EmailEncryption.IMPLICIT
    async with mail_server(
        tls=certificates.server if implicit else None,
        starttls=None if implicit else certificates.server,
    ) as server:
        settings = replace(settings_for(server), encryption=encryption)
        with pytest.raises(EmailDelayed):
            await SmtpSender(settings, StoppedClock()).send(EMAIL)

        assert server.letters == []


async def test_no_email_in_the_clear_when_encryption_is_asked_for(server: MailServer) -> None:
    """
    A server that stopped offering STARTTLS, or a thief who hides it, gets no email.
    """
    settings = replace(settings_for(server), encryption=EmailEncryption.STARTTLS)

    with pytest.raises(EmailDelayed, match="does not offer"):
        await SmtpSender(settings, StoppedClock()).send(EMAIL)

    assert server.letters == []


async def test_international_addresses(server: MailServer) -> None:
    """
    An Indian name stays as it is over SMTPUTF8, and the host goes out as the name system knows it.
    """
    await sender_to(server).send(replace(EMAIL, to="आशा@उदाहरण.भारत"))
    await sender_to(server).send(replace(EMAIL, to="asha@bücher.example"))

    assert [each.rcpt_tos[0] for each in server.envelopes] == [
        "आशा@xn--p1b6ci4b4b3a.xn--h2brj9c",
        "asha@xn--bcher-kva.example",
    ]


async def test_an_international_name_at_a_server_of_old(server: MailServer) -> None:
    """
    Without SMTPUTF8 there is no way to write the name: refused, not mangled.
    """
    async with mail_server(international=False) as old:
        with pytest.raises(EmailRefused, match="international"):
            await sender_to(old).send(replace(EMAIL, to="आशा@example.com"))


@pytest.mark.parametrize(
    "to",
    [
        "",
        "asha",
        "@example.com",
        "asha@",
        "asha@example.com\r\nBcc: ravi@example.com",
        "asha@example.com, ravi@example.com",
        "asha@example.com\nRCPT TO:<ravi@example.com>",
        "asha ravi@example.com",
        "<asha@example.com> SIZE=1@example.com",
        "a\u202esha@example.com",
        "asha@exa mple.com",
        "asha@-.com",
        ".asha@example.com",
        f"{'a' * 65}@example.com",
        f"asha@{'a.' * 130}com",
    ],
)
async def test_what_is_no_address_is_refused(server: MailServer, to: str) -> None:
    """
    Nothing but one address gets near the wire: no second header, no second recipient.
    """
    with pytest.raises(EmailRefused):
        await sender_to(server).send(replace(EMAIL, to=to))

    assert server.letters == []


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Paid\r\nBcc: ravi@example.com"},
        {"subject": "Paid\u2028more"},
        {"subject": "x" * 301},
        {"message_id": "<a@example.com>\r\nBcc: ravi@example.com"},
        {"message_id": "no brackets"},
        {"attachments": (Attachment(name='a.pdf"\r\nX: y', content=b""),)},
        {"attachments": (Attachment(name="../a.pdf", content=b""),)},
    ],
)
async def test_no_header_comes_out_of_another(server: MailServer, change: dict[str, Any]) -> None:
    """
    A line break in a value is refused, not folded away.
    """
    with pytest.raises(EmailRefused):
        await sender_to(server).send(replace(EMAIL, **change))

    assert server.letters == []
