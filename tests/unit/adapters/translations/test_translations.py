"""The translations are whole: every word of ours that a student reads, with the same facts and marks."""

import re
import unicodedata
from pathlib import Path
from typing import Final

import pytest
from jinja2 import Environment, nodes

from adapters.translations.shipped import shipped
from domain.text.language import Language, Translations
from student_words import of_code, of_tables, of_templates, templates

FACT: Final = re.compile(r"%\((\w+)\)s")
MARK: Final = re.compile(r"</?\w+[^>]*>")
LATIN: Final = re.compile(r"[A-Za-z]{2,}")
ALIKE: Final = re.compile(
    r"\b(GST|GSTIN|CGST|SGST|IGST|ARN|UPI|OTP|IST|PDF|SEZ|HDFC|SHA)\b|%\(\w+\)s|<[^>]*>"
)
OTHERS: Final = [each for each in shipped().values() if each.language is not Language.ENGLISH]
TRANSLATED: Final = re.compile(r"{%-? *trans\b.*?endtrans *-?%}", re.DOTALL)
EXPRESSION: Final = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
ATTRIBUTE: Final = re.compile(r'\b(?:alt|aria-label|placeholder|title)="([^"]*)"')
OUTSIDE: Final = re.compile(r'<!doctype html>|aria-\w+="[^"]*"')
"""What begins the page, and attributes that a macro writes for its caller."""

NAMES: Final = re.compile(r"\b(GSTIN|GST|PDF|SHA)\b")
SPOKEN: Final = re.compile(r"[A-Z][a-z]|[a-z] [a-z]")
NOT_SPOKEN: Final = frozenset({"Retry-After", "Payment "})
"""A header, and the subject of an email that our staff read."""


@pytest.mark.parametrize("say", OTHERS, ids=lambda say: say.language)
def test_every_word_of_ours_is_translated_and_no_other(say: Translations) -> None:
    """
    A new sentence fails here until it is said in every language, an old one until it is taken out.
    """
    own = of_templates() | of_code() | of_tables()

    assert own - say.texts.keys() == set()
    assert say.texts.keys() - own == set()


@pytest.mark.parametrize("say", OTHERS, ids=lambda say: say.language)
def test_a_translation_has_the_facts_and_marks_of_its_words(say: Translations) -> None:
    """
    No amount is lost on the way, and no link or emphasis.
    """
    for words, said in say.texts.items():
        assert sorted(FACT.findall(said)) == sorted(FACT.findall(words)), words
        assert sorted(MARK.findall(said)) == sorted(MARK.findall(words)), words
        assert "%" not in FACT.sub("", said), words


def test_hindi_is_written_in_devanagari() -> None:
    """
    What is left in Latin letters are the names that both languages write alike; the text is in its normal form.
    """
    for words, said in shipped()[Language.HINDI].texts.items():
        assert not LATIN.search(ALIKE.sub("", said)), words
        assert unicodedata.is_normalized("NFC", said), words
        assert said == said.strip()
        assert said.endswith("।") == words.endswith("."), words


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_no_words_stand_in_a_template(path: Path) -> None:
    """
    Each text of a page or an email goes by the catalogue; only names that are the same everywhere stand there.
    """
    source = path.read_text(encoding="utf-8")
    shown = EXPRESSION.sub("", TRANSLATED.sub("", source))
    attributes = " ".join(ATTRIBUTE.findall(shown))
    written = re.sub(r"<[^>]*>", " ", OUTSIDE.sub("", shown))
    tree = Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).parse(source)
    consts = {each.value for each in tree.find_all(nodes.Const) if isinstance(each.value, str)}
    spoken = {each for each in consts if SPOKEN.search(each)} - of_templates() - NOT_SPOKEN

    assert LATIN.findall(NAMES.sub("", f"{attributes} {written}")) == []
    assert spoken == set()
