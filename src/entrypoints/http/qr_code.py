"""QR codes as a path of an SVG that a template draws: no image is stored, and nothing is inlined as a style."""

from dataclasses import dataclass
from typing import Final

import segno

QUIET_ZONE: Final = 4
"""Modules of blank around the code (ISO/IEC 18004, 6.3.8)."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code of *size* by *size* modules, its quiet zone included; *path* draws the dark ones."""

    size: int
    path: str


def qr_code_of(text: str) -> QrCode:
    """Return the QR code of *text*."""
    rows = segno.make(text, error="m", micro=False).matrix
    path = "".join(
        f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    return QrCode(size=len(rows) + 2 * QUIET_ZONE, path=path)
