"""Render documents as PDF by typst: one compiler for all, fonts from a package, the same bytes every time."""

import asyncio
import hashlib
import io
import json
import logging
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Final, Literal

import segno
import typst
import weblate_fonts

from adapters.typst.page import sheet
from domain.documents.tax_document import RegisteredDocument
from ports.documents.document_renderer import Copy

log = logging.getLogger(__name__)

Standard = Literal["a-2a", "ua-1"]

FONTS: Final = Path(weblate_fonts.__file__).with_name("static") / "weblate_fonts"
FONT_FOLDERS: Final[Sequence[Path]] = (FONTS / "source-sans" / "ttf", FONTS / "kurinto" / "ttf")
"""Source Sans for Latin and the rupee sign, Kurinto for the scripts of India."""

STANDARDS: Final[tuple[Standard, ...]] = ("a-2a", "ua-1")
"""PDF standards for archiving (ISO 19005-2) and for accessibility (ISO 14289-1)."""

TEMPLATE: Final = Path(__file__).with_name("document.typ")
PAGES: Final = tuple(
    Path(__file__).with_name(name)
    for name in ("document.typ", "page.py", "amount_in_words.py", "renderer.py")
)
RELEASE_CHARS: Final = 12
QR_COLOUR: Final = "#1c2733"
QR_MASK: Final = 2
"""
The standard's best of eight for nine in ten of our addresses. Readers take any; weighing them all
anew costs a fifth of a whole document.
"""

CHECK_LABEL: Final = "Scan to check"
CHECK_ALT: Final = "QR code of the page on which this document can be checked"


def release_of(pages: Sequence[Path]) -> str:
    """Return by which compiler and fonts, and from which *pages* of ours, documents are made."""
    ours = hashlib.sha256(b"".join(each.read_bytes() for each in pages)).hexdigest()
    compiler, fonts = version("typst"), version("weblate-fonts")
    return f"typst {compiler}, fonts {fonts}, pages {ours[:RELEASE_CHARS]}"


class TypstRenderer:
    """
    Renders with one compiler, which keeps fonts and template warm.

    A compiler serves one caller at a time, so pages queue; each takes a few milliseconds and is made
    in a thread, beside the event loop.
    """

    release: Final = release_of(PAGES)

    def __init__(self, public_url: str) -> None:
        self._check = f"{public_url.rstrip('/')}/check/"
        self._template = TEMPLATE.read_bytes()
        self._compiler = typst.Compiler(font_paths=list(FONT_FOLDERS), ignore_system_fonts=True)
        self._one_at_a_time = Lock()

    async def render(self, registered: RegisteredDocument, copy: Copy) -> bytes:
        return await asyncio.to_thread(self._render, registered, copy)

    def said_on(self, registered: RegisteredDocument, copy: Copy) -> Mapping[str, object]:
        """Return the data for the template."""
        address = self._check + registered.sha256
        return {
            **sheet(registered, copy),
            "check": {
                "qr": qr_code(address),
                "alt": CHECK_ALT,
                "address": address,
                "label": CHECK_LABEL,
            },
        }

    def _render(self, registered: RegisteredDocument, copy: Copy) -> bytes:
        said = self.said_on(registered, copy)
        with self._one_at_a_time:
            try:
                return self._compile(said, registered, [*STANDARDS])
            except typst.TypstError:
                # Both standards refuse a page with a character that no font draws. An invoice with an
                # empty box in a name is still one; no invoice is not.
                log.warning(
                    "document.not_archival",
                    extra={"document_number": str(registered.document.number)},
                )
                return self._compile(said, registered, [])

    def _compile(
        self,
        said: Mapping[str, object],
        registered: RegisteredDocument,
        standards: list[Standard],
    ) -> bytes:
        made = self._compiler.compile(
            input=self._template,
            sys_inputs={"document": json.dumps(said, ensure_ascii=False)},
            # The document's own instant: with the current time no two copies would be the same.
            timestamp=registered.document.particulars.issued_at.replace(microsecond=0),
            pdf_standards=list(standards),
        )
        if not isinstance(made, bytes):
            raise TypeError("a document is one file")
        return made


def qr_code(address: str) -> str:
    """Return *address* as a QR code in SVG."""
    drawn = io.BytesIO()
    segno.make(address, error="m", mask=QR_MASK).save(
        drawn, kind="svg", border=0, xmldecl=False, dark=QR_COLOUR
    )
    return drawn.getvalue().decode()
