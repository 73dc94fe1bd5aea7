"""What any sender of emails must do: run against the fake and against SMTP with a real server."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import pytest

from ports.notifications.email_sender import (
    Attachment,
    Email,
    EmailDelayed,
    EmailRefused,
    EmailSender,
)

EMAIL: Final = Email(
    message_id="<payment_confirmation.SKABCDEFGHIJKLMNOPQR@fees.example.com>",
    to="asha@example.com",
    subject="Payment received: Algebra, बीजगणित",
    text="We have received ₹1,179.00.\n",
    html="<p>We have received ₹1,179.00.</p>\n",
)


@dataclass(frozen=True, slots=True)
class Received:
    """One email as it lies in the student's inbox."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    files: tuple[tuple[str, bytes], ...] = ()


class PostOffice(Protocol):
    """A sender, and what a test may know and do behind its back."""

    @property
    def sender(self) -> EmailSender: ...

    def received(self) -> Sequence[Received]: ...

    def be_busy_once(self) -> None: ...

    def refuse_once(self) -> None: ...


class EmailContract:
    """Subclasses give the fixture ``post``."""

    async def test_an_email_arrives_as_written(self, post: PostOffice) -> None:
        """
        Both forms and every script arrive unchanged, under the id they were sent with.
        """
        await post.sender.send(EMAIL)

        assert [as_received(EMAIL)] == list(post.received())

    async def test_its_files_arrive_with_it(self, post: PostOffice) -> None:
        """
        Byte for byte and under their names, whatever the bytes are.
        """
        files = (
            Attachment(name="INV-2627-0000001.pdf", content=b"%PDF-1.7\r\n.\r\n\x00\xff\n" * 999),
            Attachment(name="CRN-2627-0000001.pdf", content=b"%PDF-1.7"),
        )

        await post.sender.send(replace(EMAIL, attachments=files))

        assert [as_received(replace(EMAIL, attachments=files))] == list(post.received())

    async def test_emails_arrive_in_their_order(self, post: PostOffice) -> None:
        """
        One call hands over one email.
        """
        other = replace(EMAIL, to="ravi@example.com", message_id="<other@fees.example.com>")

        await post.sender.send(EMAIL)
        await post.sender.send(other)

        assert [EMAIL.to, other.to] == [each.to for each in post.received()]

    async def test_a_busy_server_delays(self, post: PostOffice) -> None:
        """
        What was not taken is said to be delayed, and the same email can be sent again.
        """
        post.be_busy_once()

        with pytest.raises(EmailDelayed):
            await post.sender.send(EMAIL)
        assert list(post.received()) == []

        await post.sender.send(EMAIL)
        assert [as_received(EMAIL)] == list(post.received())

    async def test_a_refusal_is_for_good_and_for_one_email(self, post: PostOffice) -> None:
        """
        A refused email is told apart from a delayed one, and the next one is none the worse.
        """
        post.refuse_once()

        with pytest.raises(EmailRefused):
            await post.sender.send(EMAIL)
        assert list(post.received()) == []

        await post.sender.send(EMAIL)
        assert len(post.received()) == 1

    async def test_what_went_wrong_names_nobody(self, post: PostOffice) -> None:
        """
        The words of a refusal are stored and logged: they hold no address.
        """
        post.refuse_once()

        with pytest.raises(EmailRefused) as refusal:
            await post.sender.send(EMAIL)

        assert "asha" not in str(refusal.value)


def as_received(email: Email) -> Received:
    return Received(
        message_id=email.message_id,
        to=email.to,
        subject=email.subject,
        text=email.text,
        html=email.html,
        files=tuple((each.name, each.content) for each in email.attachments),
    )
