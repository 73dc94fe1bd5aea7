"""A sealed line is told again from its entry, with the address or without it."""

from dataclasses import replace

from domain.audit.audit_line import AuditLine, origin_digest
from domain.audit.logged_line import LoggedLine
from fakes.clock import NOON

SALT = bytes(16)
LOGGED = LoggedLine(
    AuditLine(
        entry=1, at=NOON, actor="a", source="admin", action="b", subject="c", origin_digest=""
    ),
    "192.0.2.1",
    "curl",
)


def test_a_line_is_told_again_with_its_address_and_without() -> None:
    """
    Once the address and its salt are erased, the digest that was sealed stands for them.
    """
    line = LOGGED.sealed(SALT)
    erased = replace(LOGGED, ip="", user_agent="")

    assert line.origin_digest == origin_digest(SALT, "192.0.2.1", "curl")
    assert LOGGED.again(SALT, "") == line
    assert erased.again(None, line.origin_digest) == line
    assert erased.again(SALT, line.origin_digest) != line


def test_an_address_without_its_salt_proves_nothing() -> None:
    """
    It could be any: the line cannot be told.
    """
    assert LOGGED.again(None, "00") is None
    assert replace(LOGGED, ip="").again(None, "00") is None
