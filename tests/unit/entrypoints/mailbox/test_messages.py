"""The demo's mailbox shows any mail it is given, and never grows without bound."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from entrypoints.mailbox.messages import Attachment, Mailbox, Message, files_in, read_message

NOW = datetime(2026, 4, 1, 6, 30, tzinfo=UTC)


def carrying() -> bytes:
    mail = EmailMessage()
    mail.set_content("two files")
    mail.add_attachment(b"%PDF-a", maintype="application", subtype="pdf", filename="a.pdf")
    mail.add_attachment(b"%PDF-b", maintype="application", subtype="pdf", filename="b.pdf")
    return mail.as_bytes()


CARRYING: Final = carrying()


def read(raw: bytes, message_id: str = "1") -> Message:
    return read_message(
        raw,
        message_id=message_id,
        sender="fees@example.com",
        recipients=["asha@example.com", "ravi@example.com"],
        received_at=NOW,
    )


def a_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Shulk Courses <fees@example.com>"
    mail["Subject"] = "Your course is open: ₹1,499.00"
    mail.set_content("Namaste ₹\n")
    mail.add_alternative("<p>Namaste</p>\n", subtype="html")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="invoice.pdf")
    mail.add_attachment("a,b\n", subtype="csv", filename="lines.csv")
    return mail


def test_a_mail_is_taken_apart() -> None:
    """
    Both bodies, the files by name and size, and everyone it was handed over for.
    """
    message = read(bytes(a_mail()))

    assert message == Message(
        id="1",
        sender="Shulk Courses <fees@example.com>",
        to="asha@example.com, ravi@example.com",
        subject="Your course is open: ₹1,499.00",
        text="Namaste ₹\n",
        html="<p>Namaste</p>\n",
        attachments=(Attachment("invoice.pdf", 4), Attachment("lines.csv", 4)),
        received_at=NOW,
    )


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message(raw: bytes) -> None:
    """
    What is no mail at all is shown as far as it can be read.
    """
    assert read(raw).to == "asha@example.com, ravi@example.com"


@given(
    header=st.sampled_from(
        ["Subject", "From", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition"]
    ),
    value=st.binary(max_size=80).map(lambda raw: raw.replace(b"\n", b" ").replace(b"\r", b" ")),
    body=st.binary(max_size=80),
)
def test_any_header_is_survived(header: str, value: bytes, body: bytes) -> None:
    """
    A header that is not what it says it is does not lose the rest of the mail.
    """
    kind = b"Content-Type: text/plain; charset=utf-8\n"

    message = read(header.encode() + b": " + value + b"\n" + kind + b"\n" + body)

    assert message.received_at == NOW


def test_an_unknown_charset_is_read_as_far_as_possible() -> None:
    """
    A message in a charset nobody knows is not an empty message.
    """
    message = read(b"Content-Type: text/plain; charset=klingon\n\nNamaste")

    assert message.text == "Namaste"


def test_too_many_messages_lose_the_oldest() -> None:
    """
    A demo left running for a week does not eat the machine.
    """
    box = Mailbox(messages_max=2)
    for number in "123":
        box.add(read(b"Subject: x\n\nbody", number))

    assert [each.id for each in box] == ["2", "3"]
    assert box.get("1") is None


def test_too_much_text_loses_the_oldest() -> None:
    """
    A few huge messages count like many small ones.
    """
    box = Mailbox(bytes_max=3000)
    for number in "123":
        box.add(read(b"Subject: x\n\n" + b"x" * 1200, number))

    assert [each.id for each in box] == ["2", "3"]


def test_files_weigh_as_well_and_go_with_their_message() -> None:
    """
    A box full of invoices does not eat the machine either.
    """
    box = Mailbox(bytes_max=3000)
    for number in "123":
        box.add(read(CARRYING, number), (b"x" * 1200, b""))

    assert [each.id for each in box] == ["2", "3"]
    assert box.file("1", 0) is None
    assert box.file("2", 0) == ("a.pdf", b"x" * 1200)
    assert box.file("2", 1) == ("b.pdf", b"")
    assert box.file("2", 2) is None
    assert box.file("2", -1) is None


def test_files_come_in_the_order_of_their_names() -> None:
    """
    The second name never leads to the first file.
    """
    assert [each.name for each in read(CARRYING, "1").attachments] == ["a.pdf", "b.pdf"]
    assert files_in(CARRYING) == (b"%PDF-a", b"%PDF-b")


def test_an_emptied_box_takes_messages_again() -> None:
    """
    Its weight starts from nothing, too.
    """
    box = Mailbox(bytes_max=3000)
    box.add(read(b"\n" + b"x" * 2000, "1"))
    box.empty()
    box.add(read(b"\n" + b"x" * 2000, "2"))

    assert [each.id for each in box] == ["2"]
    assert len(box) == 1
