"""Words of ours, said in another language with their facts."""

import pytest

from domain.text.language import IN_ENGLISH, Language, Sentence, Translations

HINDI = Translations(
    language=Language.HINDI,
    texts={"Paid": "भुगतान हो गया", "%(count)s minutes": "%(count)s मिनट", "name": "नाम"},
)


def test_words_are_said_in_the_language() -> None:
    """
    What nobody has translated is said in English rather than not at all.
    """
    assert HINDI("Paid") == "भुगतान हो गया"
    assert HINDI("Not translated") == "Not translated"
    assert IN_ENGLISH("Paid") == "Paid"


def test_facts_stand_where_the_language_wants_them() -> None:
    """
    A fact that is a word of ours is said in the language too; a number stays.
    """
    assert HINDI("%(count)s minutes", count=2) == "2 मिनट"
    assert HINDI("About %(what)s", what="name") == "About नाम"
    assert IN_ENGLISH("%(count)s minutes", count=2) == "2 minutes"


def test_a_sentence_is_english_and_can_be_said_otherwise() -> None:
    """
    Wherever a text is expected it is one, and one within another is said with it.
    """
    wait = Sentence.of("%(count)s minutes", count=2)
    whole = Sentence.of("Wait %(wait)s", wait=wait)

    assert wait == "2 minutes"
    assert whole == "Wait 2 minutes"
    assert HINDI(whole) == "Wait 2 मिनट"
    assert type(IN_ENGLISH(whole)) is str


@pytest.mark.parametrize(
    ("words", "known"),
    [("Paid", True), ("Unpaid", False), (Sentence.of("%(count)s minutes", count=1), True)],
)
def test_it_is_known_what_is_translated(words: str, known: bool) -> None:  # noqa: FBT001
    """
    A sentence by its words, whatever its facts are.
    """
    assert HINDI.knows(words) is known
