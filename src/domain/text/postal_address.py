"""A postal address as it is printed on a tax document, however many lines it was typed in."""

import re
from typing import Final

from domain.text.printable import LINE_BREAKS

_BREAK: Final = re.compile(rf"[ \t]*[{LINE_BREAKS}][ \t{LINE_BREAKS}]*")
_BROKEN: Final = re.compile(rf"(?P<end>[,;:-])?{_BREAK.pattern}")
_TAB: Final = re.compile(r" *\t[ \t]*")


def address_line(text: str) -> str:
    """Return the address *text* on one line: its line breaks as commas, its tabs as blanks, none around it."""
    lines = _BROKEN.sub(lambda found: f"{found['end'] or ','} ", text.strip())
    return _TAB.sub(" ", lines)
