"""Who sells, as documents name them, and what was left to the seller's accountant."""

from domain.documents.invoicing import DocumentPolicy
from domain.documents.tax_document import Company
from entrypoints.settings.settings import Settings


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
