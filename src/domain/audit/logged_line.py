"""An entry as the audit log holds it, and the line of it that is sealed."""

from dataclasses import dataclass, replace

from domain.audit.audit_line import AuditLine, origin_digest


@dataclass(frozen=True, slots=True)
class LoggedLine:
    """*line* says where the entry came from by a digest only, and here by none yet; *ip* and *user_agent* say it."""

    line: AuditLine
    ip: str = ""
    user_agent: str = ""

    def sealed(self, salt: bytes) -> AuditLine:
        """Return the line with the digest of where it came from under *salt*."""
        return replace(self.line, origin_digest=origin_digest(salt, self.ip, self.user_agent))

    def again(self, salt: bytes | None, digest: str) -> AuditLine | None:
        """
        Return the line as it was sealed, None when that cannot be told any more.

        Where it came from may be erased: then there is no salt, and the *digest* that was sealed stands for it.
        """
        if salt is not None:
            return self.sealed(salt)
        if self.ip or self.user_agent:
            return None
        return replace(self.line, origin_digest=digest)
