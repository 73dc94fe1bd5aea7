"""Which text is an email address: what is accepted where it is entered can be sent to by SMTP."""

import re
import unicodedata
from typing import Final

from domain.text.printable import JOINERS, unprintable_reason

EMAIL_MAX: Final = 254  # RFC 5321, 4.5.3.1.3 less the angle brackets; bytes
LOCAL_MAX: Final = 64
HOST_MAX: Final = 253
LABEL_MAX: Final = 63
LABELS_MIN: Final = 2
MAILBOX_NAME_MAX: Final = 100
ENCODED: Final = "xn--"
_MAILBOX: Final = re.compile(
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<name>[^"<>@]*)) *<(?P<address>[^<>]*)>', re.DOTALL
)
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ASCII_LOCAL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LOCAL_STOPS: Final = frozenset('()<>[]:;@\\,"')
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})

_ASCII_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SPELT: Final = frozenset({"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"})
_VIRAMA: Final = 9
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_IN_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "NSM"})
_DISALLOWED: Final = re.compile(
    "[\u0640\u07fa\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\u20d0-\u20f0\u302e\u302f\u3031-\u3035\u303b"
    "\U0001d165-\U0001d244]"
)
"""Letters and marks that no host holds: old Hangul, lengthening marks, signs of music (RFC 5892, 2.6 to 2.9)."""


def email_fault(text: str, *, international_local: bool = False) -> str | None:
    """
    Return why no email can be sent to *text*, or ``None``.

    The part before the ``@`` is a dot-atom of ASCII, which every server accepts. With
    *international_local* it may be of any script (RFC 6531), which needs a server with SMTPUTF8. The
    host is of any script: labels of letters, marks and digits as IDNA 2008 allows them (RFC 5892);
    one written from right to left has no digits.
    """
    local, at, host = text.rpartition("@")
    if not at or not local:
        return "it is not of the form name@example.com"
    if len(text.encode(errors="replace")) > EMAIL_MAX:
        return f"it is longer than {EMAIL_MAX} bytes"
    if not _is_local(local, international=international_local):
        return "the part before the @ is not one that every mail server accepts"
    if not _is_host(host):
        return "the part after the @ is no host that mail can go to"
    return None


def masked_email(address: str) -> str:
    """Return *address* with the first character and the host alone: enough to tell two people apart."""
    local, at, host = address.rpartition("@")
    return f"{local[:1]}•••{at}{host}"


def mailbox_parts(text: str) -> tuple[str, str] | None:
    """
    Return name and address of the one mailbox in *text*, or None.

    It is an address, ``Name <address>`` or ``"Name" <address>``; the name is empty without one. A name may
    hold commas, which then part nothing, and an ``@`` in quotation marks only.
    """
    found = _MAILBOX.fullmatch(text.strip())
    name, address = ("", text.strip()) if found is None else (_name_in(found), found["address"])
    if name and unprintable_reason(name, MAILBOX_NAME_MAX) is not None:
        return None
    return None if email_fault(address, international_local=True) else (name, address)


def _name_in(found: re.Match[str]) -> str:
    quoted = found["quoted"]
    return found["name"].strip(" ") if quoted is None else re.sub(r"\\(.)", r"\1", quoted)


def _is_local(local: str, *, international: bool) -> bool:
    if len(local.encode(errors="replace")) > LOCAL_MAX:
        return False
    if local.isascii() or not international:
        return _ASCII_LOCAL.fullmatch(local) is not None
    return (
        not any(mark in _LOCAL_STOPS or unicodedata.category(mark) in _UNSEEN for mark in local)
        and ".." not in f".{local}."
    )


def _is_host(host: str) -> bool:
    labels = unicodedata.normalize("NFC", host.lower()).split(".")
    if len(labels) < LABELS_MIN or labels[-1].isdigit() or not all(map(_is_label, labels)):
        return False
    return len(".".join(map(_encoded, labels))) <= HOST_MAX


def _is_label(label: str) -> bool:
    if not label.isascii():
        return _is_international(label)
    if not label.startswith(ENCODED):
        return _ASCII_LABEL.fullmatch(label) is not None and label[2:4] != "--"
    try:
        spelt = label.removeprefix(ENCODED).encode("ascii").decode("punycode")
    except UnicodeError:
        return False
    return not spelt.isascii() and _is_international(spelt) and _encoded(spelt) == label


def _is_international(label: str) -> bool:
    if (
        len(_encoded(label)) > LABEL_MAX
        or unicodedata.normalize("NFKC", label) != label
        or unicodedata.category(label[0])[0] == "M"
        or label[0] == "-"
        or label[-1] == "-"
        or label[2:4] == "--"
    ):
        return False
    return all(_fits(label, at) for at in range(len(label))) and _reads_one_way(label)


def _fits(label: str, at: int) -> bool:
    mark = label[at]
    if mark in JOINERS:  # RFC 5892, appendix A.1 and A.2
        return at > 0 and unicodedata.combining(label[at - 1]) == _VIRAMA
    return mark == "-" or (unicodedata.category(mark) in _SPELT and _DISALLOWED.match(mark) is None)


def _reads_one_way(label: str) -> bool:
    """Whether *label* has one direction: the part of the bidi rule (RFC 5893, 2) that needs no digits."""
    directions = {unicodedata.bidirectional(mark) for mark in label if mark not in JOINERS}
    return not directions & _RIGHT_TO_LEFT or directions <= _IN_RIGHT_TO_LEFT


def _encoded(label: str) -> str:
    return label if label.isascii() else ENCODED + label.encode("punycode").decode("ascii")
