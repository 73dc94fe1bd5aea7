"""Which of the demo's settings differ from the usual ones: its limits and waits are not those of production."""

from collections.abc import Iterator, Mapping
from typing import Final

from entrypoints.settings.settings import VARIABLES

PLACES: Final = frozenset(
    {"SHULK_HOST", "SHULK_PORT", "SHULK_FILES_FOLDER", "SHULK_FAKE_GATEWAY_URL"}
)
"""Where this demo is: that differs on every machine."""


def unusual_settings(variables: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield name, value here and usual value of each setting that has a usual value and another one here."""
    for each in VARIABLES:
        here = variables.get(each.name)
        if here is None or not each.default or each.secret or each.name in PLACES:
            continue
        if here != each.default:
            yield each.name, here, each.default
