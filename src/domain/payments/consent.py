"""What a student agrees to as they pay: the words that were shown, and the privacy notice that they lead to."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.errors import DomainError
from domain.text.language import Language


class ConsentMissing(DomainError):
    """The student has not agreed to what the privacy notice says."""

    def __init__(self) -> None:
        super().__init__("the student has not agreed to the privacy notice")


class PrivacyNoticeChanged(DomainError):
    """What the student saw and agreed to is not what is asked for now: they have to see that first."""

    def __init__(self) -> None:
        super().__init__("the consent is to another privacy notice than the present one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """
    A student agreed at the instant *at* (UTC) to the *version* of what ``PrivacyNotice`` says.

    *notice_url* is where the notice stood then.
    """

    version: str
    notice_url: str
    at: datetime

    @property
    def facts(self) -> Mapping[str, str]:
        """What the audit log says of it."""
        return {
            "consent_version": self.version,
            "consent_notice": self.notice_url,
            "consent_at": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyNotice:
    """The address *url* of the notice to students, and by language the words by which they agree to it."""

    url: str
    texts: Mapping[Language, str]

    @property
    def version(self) -> str:
        """The SHA-256, in hex, of address and words: whatever a student may read otherwise changes it."""
        said = {"notice_url": self.url, "texts": dict(self.texts)}
        written = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(written.encode()).hexdigest()

    def check(self, version: str | None) -> None:
        """Return when *version* is this one, or raise ``ConsentMissing`` or ``PrivacyNoticeChanged``."""
        if version is None:
            raise ConsentMissing
        if version != self.version:
            raise PrivacyNoticeChanged


def consent_to(notice: PrivacyNotice | None, version: str | None, at: datetime) -> Consent | None:
    """
    Return what a student agreed to who was shown *version*, None where nothing is told of it.

    Raises ``PrivacyNoticeChanged`` where *notice* is another one, or no notice is asked for any more.
    """
    if version is None:
        return None
    if notice is None:
        raise PrivacyNoticeChanged
    notice.check(version)
    return Consent(version=version, notice_url=notice.url, at=at)
