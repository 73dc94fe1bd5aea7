"""A sealed line is told again from its entry, with the address or without it."""

from domain.audit.audit_line import AuditLine, instant_text, line_parts, origin_digest
from domain.audit.logged_line import LoggedLine
from fakes.clock import NOON

SALT = bytes(16)
TOLD = {
    "actor": "a",
    "source": "admin",
    "action": "b",
    "subject": "c",
    "from_state": "created",
    "to_state": "pending",
    "correlation_id": "d",
}
PARTS = line_parts(entry=1, at=instant_text(NOON), facts={"e": "f"}, **TOLD)
LOGGED = LoggedLine(1, *PARTS, "192.0.2.1", "curl")


def test_a_line_is_told_again_with_its_address_and_without() -> None:
    """
    Once the address and its salt are erased, the digest that was sealed stands for them.
    """
    line = LOGGED.sealed(SALT)
    digest = origin_digest(SALT, "192.0.2.1", "curl")
    erased = LoggedLine(1, *PARTS)

    assert LOGGED.digest(SALT) == digest
    assert line == bytes(
        AuditLine(entry=1, at=NOON, facts={"e": "f"}, origin_digest=digest, **TOLD)
    )
    assert LOGGED.again(SALT, "") == line
    assert erased.again(None, digest) == line
    assert erased.again(SALT, digest) != line


def test_an_address_without_its_salt_proves_nothing() -> None:
    """
    It could be any: the line cannot be told.
    """
    assert LOGGED.again(None, "00") is None
    assert LOGGED._replace(ip="").again(None, "00") is None
