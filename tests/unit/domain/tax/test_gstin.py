"""A GSTIN is believed for its check digit, and only then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tax.gstin import BadGstin, Gstin, GstinFault, check_digit

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COMPUTED = [
    "27AAECD1234F1Z3",
    "29AABCE5678K1Z2",
    "07AAFCT9012L1Z3",
    "33AAGCE3456M2ZF",
    "04AAHCS7890N1ZM",
    "26AAJCD1357Q1Z5",
    "38AAICL2468P1ZP",
    "97AAKCO8642R1Z8",
    "27AAECD0049F1Z0",
]
PUBLISHED = ["27AAPFU0939F1ZV", "32AABCL8151B1Z1", "29AAFCC9980M1ZR", "29AABCF8078M1C8"]

gstins = st.builds(
    lambda start: start + check_digit(start),
    st.from_regex(r"\A(0[1-9]|1[0-9]|2[0-9]|3[0-8]|97)[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][Z1-9A-J]\Z"),
)


@pytest.mark.parametrize("text", [*COMPUTED, *PUBLISHED])
def test_a_true_gstin_is_taken(text: str) -> None:
    """
    Every vector of the reference, the remainder-zero one and the collector of tax too.
    """
    gstin = Gstin(text)

    assert text == str(gstin)
    assert text[:2] == gstin.state_code == gstin.state.code
    assert text[-1] == check_digit(text[:14])
    assert gstin.is_registered


@pytest.mark.parametrize(
    "text",
    [
        "02AMBPG7773M002",
        "36AMBPG7773M002",
        "01AAAAA9999A19N",
        "29AABCU9603R1ZM",
        "03AAJCR2207E1Z2",
    ],
)
def test_widely_printed_samples_that_are_wrong_are_refused(text: str) -> None:
    """
    Tutorials and the sandbox print them; their check digit, or their shape, does not hold.
    """
    with pytest.raises(BadGstin) as refused:
        Gstin(text)
    assert refused.value.reason in {GstinFault.CHECK_DIGIT, GstinFault.SHAPE}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", GstinFault.LENGTH),
        ("27AAECD1234F1Z", GstinFault.LENGTH),
        ("27AAECD1234F1Z33", GstinFault.LENGTH),
        ("27AAECD1234F1Z3\n", GstinFault.LENGTH),
        ("27aaecd1234f1z3", GstinFault.SHAPE),
        ("27AAECD1234F0Z4", GstinFault.SHAPE),
        ("27AAECD1234F1K3", GstinFault.SHAPE),
        ("2\uff17AAECD1234F1Z3", GstinFault.SHAPE),
        ("AAAECD1234F1Z33", GstinFault.SHAPE),
        ("27AAECD1234F1Z4", GstinFault.CHECK_DIGIT),
        ("27AAECD1243F1Z3", GstinFault.CHECK_DIGIT),
        ("00AAECD1234F1ZJ", GstinFault.STATE),
        ("39AAECD1234F1ZY", GstinFault.STATE),
        ("96AAECD1234F1ZY", GstinFault.STATE),
        ("99AAECD1234F1ZS", GstinFault.STATE),
        ("9917USA12345OS8", GstinFault.ABROAD),
        ("0719USA00001NR6", GstinFault.ABROAD),
    ],
)
def test_a_refusal_names_its_reason(text: str, reason: GstinFault) -> None:
    """
    So that the buyer knows whether to correct a character or to leave the field empty.
    """
    with pytest.raises(BadGstin) as refused:
        Gstin(text)
    assert reason is refused.value.reason


@pytest.mark.parametrize(
    "typed", ["27AAECD1234F1Z3", " 27aaecd1234f1z3\t", "\u00a027AAecd1234F1Z3"]
)
def test_what_people_type_is_read(typed: str) -> None:
    """
    Case and the spaces around do not matter.
    """
    assert Gstin("27AAECD1234F1Z3") == Gstin.parse(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "04aahc\u017f7890n1zm",
        "38aa\u0131cl2468p1zp",
        "27aaecd1234f\u0131z3",
        "27AAECD1234F1Zß",
        "27ﬁECD1234F1Z3",
        "27 AAECD1234F1Z3",
    ],
)
def test_foreign_letters_do_not_become_latin_ones(typed: str) -> None:
    """
    A dotless i, a long s or a ligature would turn into plain letters when upper-cased.
    """
    with pytest.raises(BadGstin):
        Gstin.parse(typed)


@pytest.mark.parametrize(
    ("text", "code", "today"), [("25AAECD1234F1Z7", "25", "26"), ("28AAECD1234F1Z1", "28", "37")]
)
def test_an_old_gstin_belongs_to_the_state_of_today(text: str, code: str, today: str) -> None:
    """
    Its code stays as printed; its State is the one that took over.
    """
    gstin = Gstin(text)

    assert code == gstin.state_code
    assert today == gstin.state.code


def test_an_embassy_is_billed_but_not_registered() -> None:
    """
    A UIN must stand on the invoice, yet its holder is no registered person (CGST s.2(94)).
    """
    embassy = Gstin("0717UNO00157UNO")

    assert embassy.state.name == "Delhi"
    assert not embassy.is_registered


@given(gstins, st.integers(0, 14), st.sampled_from(ALPHABET))
def test_one_wrong_character_never_passes(text: str, place: int, other: str) -> None:
    """
    The law of the check digit: each single slip is noticed.
    """
    assert text == Gstin(text).text
    slipped = text[:place] + other + text[place + 1 :]
    if slipped != text:
        with pytest.raises(BadGstin):
            Gstin(slipped)
