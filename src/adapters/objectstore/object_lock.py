"""Whether an S3 bucket's object lock keeps a file: its answer to a HEAD request says so."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

import httpx
import obstore
from obstore.store import S3Store

RETAINED_UNTIL: Final = "x-amz-object-lock-retain-until-date"
LEGAL_HOLD: Final = "x-amz-object-lock-legal-hold"
SIGNED_FOR: Final = timedelta(minutes=1)


async def lock_of(store: S3Store, path: str, within: timedelta) -> str | None:
    """
    Return why the bucket keeps the file at *path*, None when it does not. Raises what httpx does.

    S3 tells of a lock only to whom it allows ``s3:GetObjectRetention`` and ``s3:GetObjectLegalHold``. A date that
    cannot be read is one that has not come.
    """
    url = await obstore.sign_async(store, "HEAD", path, SIGNED_FOR)
    async with httpx.AsyncClient(timeout=within.total_seconds()) as client:
        answer = await client.head(url)
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return None
    if answer.status_code == HTTPStatus.FORBIDDEN:
        return "it does not let us see whether it is locked"
    answer.raise_for_status()
    if answer.headers.get(LEGAL_HOLD, "").upper() == "ON":
        return "it is under a legal hold of the bucket"
    until = answer.headers.get(RETAINED_UNTIL)
    return f"its object lock runs until {until}" if until and not _is_over(until) else None


def _is_over(until: str) -> bool:
    try:
        return datetime.fromisoformat(until).astimezone(UTC) <= datetime.now(UTC)
    except ValueError:
        return False
