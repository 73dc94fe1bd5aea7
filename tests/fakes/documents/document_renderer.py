"""Documents in plain letters: fast, and honest about what makes one differ from another."""

from dataclasses import dataclass

from domain.documents.document_snapshot import snapshot
from domain.documents.tax_document import RegisteredDocument
from ports.documents.document_renderer import Copy


@dataclass(slots=True)
class Typewriter:
    """Another *release* makes other bytes."""

    release: str = "typewriter 1"

    async def render(self, registered: RegisteredDocument, copy: Copy) -> bytes:
        void = "cancelled" if registered.cancelled else "valid"
        return f"%PDF-typed by {self.release}\n{copy}\n{void}\n{snapshot(registered.document)}".encode()
