"""The translations that come with the service, one file a language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from domain.text.language import IN_ENGLISH, Language, Translations

HERE: Final = Path(__file__).parent


@cache
def shipped() -> Mapping[Language, Translations]:
    """Return the translations into each language; English says what is written in the code."""
    others = {
        language: Translations(
            language=language,
            texts=MappingProxyType(tomllib.loads(_text_of(language))),
        )
        for language in Language
        if language is not Language.ENGLISH
    }
    return MappingProxyType({Language.ENGLISH: IN_ENGLISH, **others})


def _text_of(language: Language) -> str:
    return (HERE / f"{language.value}.toml").read_text(encoding="utf-8")
