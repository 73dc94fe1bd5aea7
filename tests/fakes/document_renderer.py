"""Documents in plain letters: fast, and honest about what makes one differ from another."""

from domain.document_snapshot import snapshot
from domain.tax_document import RegisteredDocument
from ports.document_renderer import Copy


class Typewriter:
    async def render(self, registered: RegisteredDocument, copy: Copy) -> bytes:
        void = "cancelled" if registered.cancelled else "valid"
        return f"%PDF-typed\n{copy}\n{void}\n{snapshot(registered.document)}".encode()
