"""Render one copy of a document and put it into the file store."""

from dataclasses import dataclass

from ports.clock import Clock
from ports.documents.document_files import DocumentOnFile, Filing
from ports.documents.document_renderer import Copy, DocumentRenderer
from ports.file_store import FileStore


@dataclass(frozen=True, slots=True)
class RenderFile:
    renderer: DocumentRenderer
    files: FileStore
    clock: Clock

    async def __call__(self, document: DocumentOnFile, copy: Copy) -> Filing:
        """
        Render *copy* of the document as it is now, store it, and return its next filing.

        Raises ``FilesUnavailable``. What was stored before that is found under the same hash when
        the call is repeated.
        """
        content = await self.renderer.render(document.registered, copy)
        before = document.filing(copy)
        return Filing(
            copy=copy,
            ordinal=1 + (before.ordinal if before else 0),
            file=await self.files.put(content),
            size_bytes=len(content),
            void=document.registered.cancelled is not None,
            release=self.renderer.release,
            filed_at=self.clock.now(),
        )
