"""Parameters that tools add to any address on the way: they mean nothing here, and no bank has signed them."""

import re
from collections.abc import Sequence
from typing import Final

Fields = Sequence[tuple[str, str]]

NAMES_MAX: Final = 20

_TRACKING: Final = re.compile(
    # Campaigns, by the prefixes of Urchin, Matomo, HubSpot, Mailchimp and others.
    r"(?:utm|mtm|pk|hsa|mc|mkt|vero|oly|trk)_[a-z0-9_]{1,30}"
    # Clicks: each network marks its own.
    r"|[a-z]{1,6}cl(?:id|src)|msclkid|(?:wb|gb)raid|srsltid|igsh(?:id)?|li_fat_id|ref_src"
    # Analytics that follow from one site to the next.
    r"|_g[al]|_openstat|fb_(?:action_ids|action_types|ref|source)",
    re.IGNORECASE,
)


def without_tracking(fields: Fields) -> tuple[Fields, Sequence[str]]:
    """Return *fields* without what trackers add, and the names that were left out, each once."""
    kept = [(name, value) for name, value in fields if not _TRACKING.fullmatch(name)]
    left_out = dict.fromkeys(name for name, _ in fields if _TRACKING.fullmatch(name))
    return kept, tuple(left_out)[:NAMES_MAX]
