"""What students are asked to agree to as they pay: the operator's words, or those of the translations."""

from collections.abc import Mapping
from typing import Final

from domain.payments.consent import PrivacyNotice
from domain.text.language import Language, Sentence, Translations
from entrypoints.settings.settings import Settings

CONSENT: Final = (
    "I agree that %(seller)s uses my name, email address, phone number and billing details to take this payment, "
    "open the course and issue the tax invoice, as the privacy notice says."
)


def privacy_notice(
    settings: Settings, translations: Mapping[Language, Translations]
) -> PrivacyNotice | None:
    """Return the notice that *settings* name, None where they name none."""
    if settings.privacy_notice_url is None:
        return None
    own = {
        Language.ENGLISH: settings.consent_text,
        Language.HINDI: settings.consent_text_hindi,
    }
    usual = Sentence.of(CONSENT, seller=settings.seller_name)
    texts = {language: own[language] or say(usual) for language, say in translations.items()}
    return PrivacyNotice(url=settings.privacy_notice_url, texts=texts)
