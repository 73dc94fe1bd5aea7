"""What a student agreed to is the notice and the words that they were shown, and no others."""

from dataclasses import replace
from typing import Final

import pytest

from domain.payments.consent import (
    Consent,
    ConsentMissing,
    PrivacyNotice,
    PrivacyNoticeChanged,
    consent_to,
)
from domain.text.language import Language
from fakes.clock import NOON

NOTICE: Final = PrivacyNotice(
    url="https://learn.in/notice",
    texts={Language.ENGLISH: "I agree.", Language.HINDI: "मैं सहमत हूँ।"},
)


def test_a_version_stands_for_the_address_and_for_each_text() -> None:
    """
    By the SHA-256 that docs/privacy.md says how to compute; the order of the languages does not matter.
    """
    others = [
        replace(NOTICE, url="https://learn.in/notice-2"),
        replace(NOTICE, texts={**NOTICE.texts, Language.ENGLISH: "I agree!"}),
        replace(NOTICE, texts={**NOTICE.texts, Language.HINDI: "सहमत"}),
    ]

    assert NOTICE.version == "cb562eeb8f39ec7b5921433c7550d335711c9a6943d9492fa87a92594788c131"
    assert len({NOTICE.version, *(each.version for each in others)}) == 4
    turned = dict(reversed(list(NOTICE.texts.items())))
    assert replace(NOTICE, texts=turned).version == NOTICE.version


def test_who_agrees_to_what_is_asked_has_agreed() -> None:
    """
    To that version, at that address, at that instant.
    """
    NOTICE.check(NOTICE.version)

    agreed = consent_to(NOTICE, NOTICE.version, NOON)

    assert agreed == Consent(version=NOTICE.version, notice_url=NOTICE.url, at=NOON)
    assert agreed.facts == {
        "consent_version": NOTICE.version,
        "consent_notice": "https://learn.in/notice",
        "consent_at": NOON.isoformat(),
    }


def test_who_tells_nothing_has_not_agreed() -> None:
    """
    Nobody agrees by silence; where the page asks, it is refused.
    """
    assert consent_to(NOTICE, None, NOON) is None
    assert consent_to(None, None, NOON) is None
    with pytest.raises(ConsentMissing):
        NOTICE.check(None)


@pytest.mark.parametrize("notice", [NOTICE, None])
def test_what_is_not_asked_cannot_be_agreed_to(notice: PrivacyNotice | None) -> None:
    """
    Another version than the present one, or any where nothing is asked.
    """
    with pytest.raises(PrivacyNoticeChanged):
        consent_to(notice, "0" * 64, NOON)
