"""What a student agreed to, as it stands in the columns of a payment."""

from collections.abc import Mapping
from typing import Any

from domain.payments.consent import Consent


def consent_columns(consent: Consent | None) -> dict[str, object]:
    return {
        "consent_version": consent.version if consent else None,
        "consent_notice_url": consent.notice_url if consent else None,
        "consent_at": consent.at if consent else None,
    }


def to_consent(row: Mapping[str, Any], prefix: str = "") -> Consent | None:
    """Return what the student agreed to as the payment in *row* began, None where nothing was told of it."""
    if row[prefix + "consent_version"] is None:
        return None
    return Consent(
        version=row[prefix + "consent_version"],
        notice_url=row[prefix + "consent_notice_url"],
        at=row[prefix + "consent_at"],
    )
