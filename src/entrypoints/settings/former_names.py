"""Settings that have another name now: the former one works for one release more, with a warning."""

import logging
from collections.abc import Mapping
from typing import Final

from entrypoints.settings.values import Wrong

log = logging.getLogger(__name__)

FORMER_NAMES: Final[Mapping[str, str]] = {
    "SHULK_GATEWAY_SILENCES_MAX": "SHULK_GATEWAY_FAILURE_THRESHOLD",
    "SHULK_GATEWAY_REST_SECONDS": "SHULK_GATEWAY_OPEN_FOR_SECONDS",
    "SHULK_FAILURE_LETTER_SECONDS": "SHULK_FAILURE_EMAIL_SECONDS",
    "SHULK_REFUND_ALONE_RUPEES": "SHULK_REFUND_APPROVAL_THRESHOLD_RUPEES",
    "SHULK_REFUND_LOOK_SECONDS": "SHULK_REFUND_POLL_SECONDS",
}
"""The present name of each setting by its former one."""


def under_present_names(environ: Mapping[str, str]) -> tuple[Mapping[str, str], list[Wrong]]:
    """
    Return *environ* with former names replaced by present ones, and what is wrong about it.

    A former name that is used is warned of. Both names of one setting together are wrong, whatever
    they hold.
    """
    present = {name: value for name, value in environ.items() if name not in FORMER_NAMES}
    wrong: list[Wrong] = []
    for old, new in FORMER_NAMES.items():
        value = environ.get(old, "")
        if not value:
            continue
        if environ.get(new, ""):
            wrong.append(Wrong(old, f"is the former name of {new}, which is set too; remove it"))
            continue
        log.warning("setting.renamed", extra={"field": old, "reason": f"called {new} now"})
        present[new] = value
    return present, wrong
