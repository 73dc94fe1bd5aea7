"""The languages that a student can choose, and how our English words are said in one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self


class Language(StrEnum):
    """By its ISO 639-1 code, which is also its BCP 47 tag."""

    ENGLISH = "en"
    HINDI = "hi"


class Sentence(str):
    """
    English words with facts in them, which can be said in another language later.

    *words* hold ``%(name)s`` for each of *facts*. As a text it is the English sentence.
    """

    __slots__ = ("facts", "words")
    words: str
    facts: Mapping[str, str]

    @classmethod
    def of(cls, words: str, **facts: object) -> Self:
        said = {name: fact if isinstance(fact, str) else str(fact) for name, fact in facts.items()}
        sentence = cls(words % said)
        sentence.words, sentence.facts = words, MappingProxyType(said)
        return sentence


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Translations:
    """
    Our words in one *language*: *texts* by the English words, which say themselves where they have none.

    English words are formatted as ``%(name)s`` with their facts, in every language.
    """

    language: Language
    texts: Mapping[str, str]

    def __call__(self, words: str, **facts: object) -> str:
        """
        Return *words* with *facts*, in the language; a ``Sentence`` brings its own.

        Facts that are words of ours are said in the language, too.
        """
        if isinstance(words, Sentence):
            return self._said(words.words, words.facts)
        return self._said(words, facts) if facts else self.texts.get(words, words)

    def knows(self, words: str) -> bool:
        """Whether *words* are said otherwise in this language."""
        return (words.words if isinstance(words, Sentence) else words) in self.texts

    def _said(self, words: str, facts: Mapping[str, object]) -> str:
        own = {name: self(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
        return self.texts.get(words, words) % own


IN_ENGLISH: Final = Translations(language=Language.ENGLISH, texts=MappingProxyType({}))
