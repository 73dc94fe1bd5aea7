"""An entry as the audit log holds it, and the line of it that is sealed."""

from typing import NamedTuple

from domain.audit.audit_line import origin_digest


class LoggedLine(NamedTuple):
    """
    The line of the *entry*: what stands *before* the digest of where it came from, and *behind* it (``line_parts``).

    Only *ip* and *user_agent* say where that was.
    """

    entry: int
    before: str
    behind: str
    ip: str = ""
    user_agent: str = ""

    def digest(self, salt: bytes) -> str:
        """Return what the line holds under *salt* of where it came from."""
        return origin_digest(salt, self.ip, self.user_agent)

    def under(self, digest: str) -> bytes:
        """Return the line with this *digest* (hex)."""
        return f'{self.before}"{digest}"{self.behind}'.encode()

    def sealed(self, salt: bytes) -> bytes:
        """Return the line as it is sealed under *salt*."""
        return self.under(self.digest(salt))

    def again(self, salt: bytes | None, digest: str) -> bytes | None:
        """
        Return the line as it was sealed, None when that cannot be told any more.

        Where it came from may be erased: then there is no salt, and the *digest* that was sealed stands for it.
        """
        if salt is not None:
            return self.sealed(salt)
        if self.ip or self.user_agent:
            return None
        return self.under(digest)
