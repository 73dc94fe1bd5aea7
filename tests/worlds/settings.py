"""The settings of worlds: the documented examples, and what tests need besides."""

from typing import Final

from domain.documents.tax_document import Company
from entrypoints.settings.settings import VARIABLES, Settings, load_settings

SECRET: Final = "the-platform-and-we-share-this-secret-0"
PLATFORM: Final = "https://platform.example.com"
AUDIENCE: Final = "shulk"
BANK: Final = "https://fake-gateway.example.com"


def settings_with(**changes: str) -> Settings:
    """Return settings for a test: the documented examples, with *changes* by field name."""
    return load_settings(variables_with(**changes))


def variables_with(**changes: str) -> dict[str, str]:
    """Return what stands in the environment for ``settings_with`` the same *changes*."""
    environ = {each.name: each.example for each in VARIABLES if each.needed}
    environ |= {
        "SHULK_ENVIRONMENT": "development",
        "SHULK_GATEWAY": "fake",
        "SHULK_GATEWAY_URL": BANK,
        "SHULK_FAKE_GATEWAY_URL": BANK,
        "SHULK_API_KEY": "an-api-key-nobody-asks-for",
        "SHULK_JWT_SECRET": SECRET,
        "SHULK_JWT_ISSUER": PLATFORM,
        "SHULK_JWT_AUDIENCE": AUDIENCE,
        "SHULK_SELLER_GSTIN": "27AAPFU0939F1ZV",
        "SHULK_CIPHER_KEYS": f"tests:{'A' * 43}=",
        # Whoever keeps files for real names a folder of their own.
        "SHULK_FILES_FOLDER": "/dev/null/files",
        "SHULK_LIMIT_INITIATE": "1000/minute",
        "SHULK_LIMIT_RETRY": "1000/minute",
        "SHULK_LIMIT_QUOTE": "1000/minute",
        "SHULK_LIMIT_REFUND": "1000/minute",
    }
    environ |= {f"SHULK_{name.upper()}": value for name, value in changes.items()}
    return {name: value for name, value in environ.items() if value}


def settings_of(company: Company, **changes: str) -> Settings:
    """Return settings whose seller is *company*, with *changes* by field name."""
    return settings_with(
        seller_name=company.legal_name,
        seller_trade_name=company.trade_name,
        seller_address=company.address,
        seller_gstin=str(company.gstin),
        seller_cin=company.cin,
        seller_support_email=company.support_email,
        seller_support_phone=company.support_phone,
        seller_grievance_officer=company.grievance_officer,
        **changes,
    )
