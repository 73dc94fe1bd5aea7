"""Descriptions of service codes, at most 30 characters, as the return allows."""

from collections.abc import Mapping
from typing import Final

DESCRIPTION_MAX: Final = 30

NAMES: Final[Mapping[str, str]] = {
    "9992": "Education services",
    "9984": "Online content services",
    "999210": "Pre-primary education services",
    "999220": "Primary education services",
    "999231": "Secondary education, general",
    "999232": "Secondary education, technical",
    "999241": "Higher education, general",
    "999242": "Higher education, technical",
    "999243": "Higher education, vocational",
    "999249": "Other higher education",
    "999259": "Specialised education services",
    "999291": "Cultural education services",
    "999292": "Sports and recreation training",
    "999293": "Commercial training, coaching",
    "999294": "Other education and training",
    "999295": "Conduct of entrance exams",
    "999299": "Other educational support",
    "998431": "Online text based information",
    "998433": "Online video content",
    "998439": "Other online content",
}
"""SacAndRate accounting codes of education and online content; the code is what counts."""


def description(sac: str) -> str:
    """Return a few words for *sac*, empty for one that is not in the list."""
    return NAMES.get(sac, "")
