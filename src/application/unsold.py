"""How long money may still arrive for a payment that came to nothing."""

from datetime import timedelta
from typing import Final

UNSOLD_WATCHED_FOR: Final = timedelta(hours=24)
"""The bank's own schedule of status reads ends after a day (protocol page, 8.3)."""
