"""Keys, passwords and certificates that this installation holds, and when each has to be replaced."""

from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """
    One of them, as this process was started with it.

    *name* is that of its setting, behind a space what tells several in one apart. *fingerprint* differs
    from one version to the next, and says nothing of the secret. *ends_at* (UTC) is the end that a
    certificate states, None where nothing is stated.
    """

    name: str
    fingerprint: str
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialTerm:
    """*credential* is in use since *since*, and has to be replaced by *ends_at* (both UTC)."""

    credential: Credential
    since: datetime
    ends_at: datetime

    @classmethod
    def of(cls, credential: Credential, since: datetime, age_max: timedelta) -> "CredentialTerm":
        """Return the term of a credential that ends by itself, or else reaches *age_max*."""
        return cls(
            credential=credential, since=since, ends_at=credential.ends_at or since + age_max
        )

    def days_left(self, at: datetime) -> int:
        """How many whole days are left at the instant *at*; 0 when it has ended."""
        return max(0, (self.ends_at - at) // DAY)
