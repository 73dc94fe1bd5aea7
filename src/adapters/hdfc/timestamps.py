"""Read the bank's timestamps, ISO 8601 with a time zone, as instants in UTC."""

import re
from datetime import UTC, datetime
from typing import Final

YEARS_BELIEVED: Final = range(2015, 2100)

_ISO_8601: Final = re.compile(
    r"[0-9]{4}(?:-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"|[0-9]{4}T[0-9]{4}(?:[0-9]{2}(?:[.,][0-9]{1,9})?)?)"
    r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
)


def instant(text: object) -> datetime | None:
    """
    Return the UTC instant in *text* to the microsecond, or None.

    The basic and the extended format of ISO 8601 are read, with Z or an offset. None stands for everything else: a time
    without a zone, an impossible time, a year outside ``YEARS_BELIEVED``.
    """
    if not isinstance(text, str) or not _ISO_8601.fullmatch(written := text.upper()):
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.year in YEARS_BELIEVED else None


def iso_8601(moment: datetime) -> str:
    """Return the aware *moment* as the bank writes it, in UTC, with fractions of a second."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
