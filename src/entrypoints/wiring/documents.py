"""Where documents are kept as files, and what makes them."""

from importlib import import_module
from typing import cast

from adapters.objectstore.store import Bucket, ObjectFiles, in_bucket, in_folder
from entrypoints.settings.settings import Settings
from ports.documents.document_renderer import DocumentRenderer


def file_store(settings: Settings) -> ObjectFiles:
    """Return the store that *settings* name: a bucket if they name one, else a folder."""
    if settings.files_bucket is None:
        return in_folder(settings.files_folder)
    return in_bucket(
        Bucket(
            name=settings.files_bucket,
            region=settings.files_region or "",
            access_key=settings.files_access_key or "",
            secret_key=settings.files_secret_key or "",
            endpoint=settings.files_endpoint or "",
            prefix=settings.files_prefix or "",
        )
    )


def document_renderer(settings: Settings) -> DocumentRenderer:
    """Return the compiler of documents, kept warm; one per process is enough."""
    # Only a worker pays for loading the compiler and the fonts.
    renderer = import_module("adapters.typst.renderer").TypstRenderer(settings.public_url)
    return cast("DocumentRenderer", renderer)
