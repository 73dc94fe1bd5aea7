"""From the errand to the inbox: our emails over SMTP with a real server, in good times and bad."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
import pytest_asyncio

from adapters.fake.script import Outcome
from adapters.smtp.email_texts import EmailTemplates
from adapters.smtp.sender import SmtpSender
from adapters.smtp.settings import SmtpSettings
from application.notifications.dead_letters import RequeueDeadLetter
from application.notifications.relay_outbox import DELAYS, RelayOutbox
from application.order_status.failure_email import FAILURE_EMAIL_AFTER
from domain.identifiers import PaymentId
from domain.money import Money
from fakes.notifications.mail_server import HOST, MailServer, mail_server
from fakes.samples import BY_STAFF
from ports.notifications.email_texts import UnexplainedItem
from unit.adapters.smtp.test_email_texts import HEAD, words_of
from unit.adapters.smtp.test_reconciliation_emails import TIED
from worlds.memory import MemoryWorld


@pytest_asyncio.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


def sender_to(world: MemoryWorld, server: MailServer) -> SmtpSender:
    settings = SmtpSettings(host=HOST, port=server.port, sender="Shulk Courses <fees@example.com>")
    return SmtpSender(settings, world.clock)


def relay(world: MemoryWorld, server: MailServer) -> RelayOutbox:
    return replace(world.relay_outbox, texts=EmailTemplates(HEAD), sender=sender_to(world, server))


async def declined(world: MemoryWorld) -> PaymentId:
    payment = await world.begin_payment()
    world.gateway.pay(payment.id, Outcome.FAILURE)
    await world.deliver_webhook(payment.id)
    world.clock.move(FAILURE_EMAIL_AFTER)
    return payment.id


def read(email: EmailMessage) -> tuple[str, str]:
    """Return both forms as a mail program shows them."""
    text, html = email.get_body(["plain"]), email.get_body(["html"])
    assert text is not None
    assert html is not None
    return text.get_content(), words_of(html.get_content())


async def test_a_failed_payment_reaches_its_students_inbox(
    world: MemoryWorld, server: MailServer
) -> None:
    """
    One email in two forms, with the way back to the page where it is tried again.
    """
    payment = await declined(world)

    assert await relay(world, server)() == 1
    assert await relay(world, server)() == 0

    (email,) = server.letters
    assert email["To"] == "asha@example.com"
    assert email["Subject"] == "Payment not completed: All about algebra"
    assert email["Message-ID"] == f"<payment_failure.{payment}@fees.example.com>"
    for form in read(email):
        assert "Your bank declined the payment." in form
        assert "₹1,180.00" in form
        assert "Try again" in form
        assert payment in form


async def test_a_reconciliation_reaches_its_reader(world: MemoryWorld, server: MailServer) -> None:
    """
    Minus signs and rupee signs included, whatever servers lie between.
    """
    item = UnexplainedItem(reference="UTR 633", what="settled twice", difference=Money(-1))
    written = EmailTemplates(HEAD).reconciliation_summary(
        replace(TIED, difference=Money(-1), unexplained=(item,)), "accounts@example.com"
    )

    await sender_to(world, server).send(written)

    (email,) = server.letters
    assert email["To"] == "accounts@example.com"
    assert email["Subject"] == "Reconciliation of 26 November 2026: 1 item to look at"
    assert read(email) == (written.text.replace("\n", "\r\n"), words_of(written.html))


async def test_a_refused_address_makes_a_dead_letter_and_is_mended(
    world: MemoryWorld, server: MailServer
) -> None:
    """
    The server will never take it: no more tries, a person sees why, and the right address gets it.
    """
    await declined(world)
    server.plan("RCPT", "550 5.1.1 no such mailbox")
    assert await relay(world, server)() == 1
    world.clock.move(timedelta(days=3))
    assert await relay(world, server)() == 0
    outbox, unit_of_work = world.memory.outbox, world.memory.unit_of_work
    (dead,) = await outbox.dead_letters(at_most=9)
    assert "550 5.1.1" in dead.why

    again = RequeueDeadLetter(outbox, unit_of_work, world.clock)
    await again(dead.id, BY_STAFF, email="asha@right.example")
    await relay(world, server)()

    assert [each.rcpt_tos for each in server.envelopes] == [["asha@right.example"]]
    assert not await outbox.dead_letters(at_most=9)


async def test_a_failing_mail_server_delays_and_loses_nothing(
    world: MemoryWorld, server: MailServer
) -> None:
    """
    Busy, then hanging up in the middle, then well again: one email.
    """
    await declined(world)
    server.plan("RCPT", "451 4.7.1 later")
    server.plan("DATA", "421 4.3.2 closing down")
    for delay in DELAYS[:2]:
        assert await relay(world, server)() == 1
        assert not server.letters
        world.clock.move(delay - timedelta(microseconds=1))
        assert await relay(world, server)() == 0
        world.clock.move(timedelta(microseconds=1))

    assert await relay(world, server)() == 1

    assert len(server.letters) == 1
    (row,) = world.memory.store.outbox.values()
    assert (row.state, row.attempts) == ("done", 3)
