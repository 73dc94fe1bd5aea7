"""Settings that have another name now: the former one works for one release more, with a warning."""

from collections.abc import Mapping, Sequence
from typing import Final

from entrypoints.settings.values import Wrong

FORMER_NAMES: Final[Mapping[str, str]] = {
    "SHULK_GATEWAY_SILENCES_MAX": "SHULK_GATEWAY_FAILURE_THRESHOLD",
    "SHULK_GATEWAY_REST_SECONDS": "SHULK_GATEWAY_OPEN_FOR_SECONDS",
    "SHULK_FAILURE_LETTER_SECONDS": "SHULK_FAILURE_EMAIL_SECONDS",
    "SHULK_REFUND_ALONE_RUPEES": "SHULK_REFUND_APPROVAL_THRESHOLD_RUPEES",
    "SHULK_REFUND_LOOK_SECONDS": "SHULK_REFUND_POLL_SECONDS",
}
"""The present name of each setting by its former one."""


def former_names_in(environ: Mapping[str, str]) -> Sequence[str]:
    """Return the former names that *environ* sets; whoever reads it for a process warns of them."""
    return [old for old in FORMER_NAMES if environ.get(old, "")]


def under_present_names(environ: Mapping[str, str]) -> tuple[Mapping[str, str], list[Wrong]]:
    """
    Return *environ* with former names replaced by present ones, and what is wrong about it.

    Both names of one setting together are wrong, whatever they hold.
    """
    present = {name: value for name, value in environ.items() if name not in FORMER_NAMES}
    wrong: list[Wrong] = []
    for old in former_names_in(environ):
        new = FORMER_NAMES[old]
        if environ.get(new, ""):
            wrong.append(Wrong(old, f"is the former name of {new}, which is set too; remove it"))
        else:
            present[new] = environ[old]
    return present, wrong
