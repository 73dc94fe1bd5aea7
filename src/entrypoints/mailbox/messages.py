"""A message as a person would see it, and the mailbox that keeps the latest messages in memory."""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Final

import msgspec

MESSAGES_MAX: Final = 500
BYTES_MAX: Final = 64 * 1024 * 1024
# What the library raises when a header or a body is not what it says it is.
MALFORMED: Final = (LookupError, ValueError, TypeError, AttributeError, AssertionError)


class Attachment(msgspec.Struct, frozen=True):
    """A file in a message; *size* in bytes."""

    name: str
    size: int


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message that arrived; *to* names every recipient of its SMTP envelope."""

    id: str
    sender: str = msgspec.field(name="from")
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    received_at: datetime

    @property
    def weight(self) -> int:
        return len(self.text) + len(self.html) + len(self.subject) + len(self.to)


class Mailbox:
    """Keeps messages, oldest first; the oldest is removed beyond *messages_max* messages or *bytes_max* bytes."""

    def __init__(self, *, messages_max: int = MESSAGES_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._messages: OrderedDict[str, Message] = OrderedDict()
        self._files: dict[str, tuple[bytes, ...]] = {}
        self._messages_max, self._bytes_max = messages_max, bytes_max
        self._weight = 0

    def __iter__(self) -> Iterator[Message]:
        return iter(tuple(self._messages.values()))

    def __len__(self) -> int:
        return len(self._messages)

    def get(self, message_id: str) -> Message | None:
        return self._messages.get(message_id)

    def file(self, message_id: str, number: int) -> tuple[str, bytes] | None:
        """Return name and content of the message's *number*-th file, from 0."""
        files = self._files.get(message_id, ())
        if not 0 <= number < len(files):
            return None
        return self._messages[message_id].attachments[number].name, files[number]

    def add(self, message: Message, files: tuple[bytes, ...] = ()) -> None:
        """Add *message* and remove the oldest beyond a limit; *files* are in the order of its attachments."""
        self._messages[message.id] = message
        self._files[message.id] = files
        self._weight += _weight(message, files)
        while len(self._messages) > self._messages_max or self._weight > self._bytes_max:
            oldest_id, oldest = self._messages.popitem(last=False)
            self._weight -= _weight(oldest, self._files.pop(oldest_id))

    def empty(self) -> None:
        self._messages.clear()
        self._files.clear()
        self._weight = 0


def _weight(message: Message, files: tuple[bytes, ...]) -> int:
    return message.weight + sum(map(len, files))


def files_in(raw: bytes) -> tuple[bytes, ...]:
    """Return the files in the message *raw*, in the order of its ``attachments``."""
    parts = message_from_bytes(raw, policy=modern).walk()
    return tuple(_bytes_of(each) for each in parts if not each.is_multipart() and _is_file(each))


def read_message(
    raw: bytes, *, message_id: str, sender: str, recipients: list[str], received_at: datetime
) -> Message:
    """Return the message in *raw*; a malformed part is shown as far as it can be read."""
    parsed = message_from_bytes(raw, policy=modern)
    parts = list(parsed.walk())
    bodies = [each for each in parts if not each.is_multipart() and not _is_file(each)]
    return Message(
        id=message_id,
        sender=_header(parsed, "from") or sender,
        to=", ".join(recipients),
        subject=_header(parsed, "subject"),
        text=_first(bodies, "text/plain"),
        html=_first(bodies, "text/html"),
        attachments=tuple(
            Attachment(name=_file_name(each), size=len(_bytes_of(each)))
            for each in parts
            if not each.is_multipart() and _is_file(each)
        ),
        received_at=received_at,
    )


def _first(bodies: list[EmailMessage], kind: str) -> str:
    return next((_text_of(each) for each in bodies if each.get_content_type() == kind), "")


def _is_file(part: EmailMessage) -> bool:
    try:
        return bool(part.get_filename()) or part.get_content_disposition() == "attachment"
    except MALFORMED:
        return True


def _file_name(part: EmailMessage) -> str:
    try:
        return str(part.get_filename() or "unnamed")
    except MALFORMED:
        return "unnamed"


def _text_of(part: EmailMessage) -> str:
    try:
        return str(part.get_content())
    except MALFORMED:
        return _bytes_of(part).decode("utf-8", errors="replace")


def _bytes_of(part: EmailMessage) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except MALFORMED:
        return b""
    return content if isinstance(content, bytes) else b""


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except MALFORMED:
        return ""
