"""Tax documents: who issues them, what makes their files, and where these are kept."""

from adapters.objectstore.store import Bucket, ObjectFiles, in_bucket, in_folder
from domain.documents.invoicing import DocumentPolicy
from domain.documents.tax_document import Company
from entrypoints.settings.settings import Settings
from ports.documents.document_renderer import DocumentRenderer


def company(settings: Settings) -> Company:
    """Return the seller as a document of today names them."""
    return Company(
        legal_name=settings.seller_name,
        trade_name=settings.seller_trade_name or "",
        address=settings.seller_address,
        gstin=settings.seller_gstin,
        cin=settings.seller_cin or "",
        support_email=settings.seller_support_email,
        support_phone=settings.seller_support_phone or "",
        grievance_officer=settings.seller_grievance_officer or "",
    )


def document_policy(settings: Settings) -> DocumentPolicy:
    """Return what the law leaves to the seller."""
    return DocumentPolicy(
        dated_by=settings.gst_document_date,
        sac_digits=settings.gst_sac_digits,
        credits_until=settings.gst_credit_notes_until,
    )


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
    from adapters.typst.renderer import TypstRenderer

    return TypstRenderer(settings.public_url)
