"""What any renderer of documents must do: run against the typewriter and against typst."""

import asyncio
from dataclasses import replace

from domain.documents.document_snapshot import sha256_of, snapshot
from domain.documents.tax_document import Cancellation, RegisteredDocument, TaxDocument
from fakes.clock import NOON
from fakes.documents.issued import an_invoice, sold
from ports.documents.document_renderer import Copy, DocumentRenderer


def registered(document: TaxDocument) -> RegisteredDocument:
    return RegisteredDocument(document=document, sha256=sha256_of(snapshot(document)))


class RendererContract:
    """Subclasses give the fixture ``renderer``."""

    async def test_the_same_document_makes_the_same_bytes(self, renderer: DocumentRenderer) -> None:
        """
        So a file can be made again when it was lost, and told to be the same.
        """
        document = registered(an_invoice())

        first = await renderer.render(document, Copy.ORIGINAL)
        again = await renderer.render(document, Copy.ORIGINAL)

        assert first == again
        assert first.startswith(b"%PDF-")

    async def test_what_differs_looks_different(self, renderer: DocumentRenderer) -> None:
        """
        Each copy, each document, and a cancelled one.
        """
        document = registered(an_invoice())
        void = replace(document, cancelled=Cancellation(at=NOON, why="wrong buyer"))
        other = registered(an_invoice(sold(2), sequence=2))

        made = {
            await renderer.render(document, Copy.ORIGINAL),
            await renderer.render(document, Copy.DUPLICATE),
            await renderer.render(void, Copy.ORIGINAL),
            await renderer.render(other, Copy.ORIGINAL),
        }

        assert len(made) == 4

    async def test_many_may_ask_at_once(self, renderer: DocumentRenderer) -> None:
        """
        Everybody gets their own document.
        """
        documents = [registered(an_invoice(sold(n), sequence=n)) for n in range(1, 9)]
        alone = [await renderer.render(each, Copy.ORIGINAL) for each in documents]

        together = await asyncio.gather(
            *(renderer.render(each, Copy.ORIGINAL) for each in documents)
        )

        assert alone == together
