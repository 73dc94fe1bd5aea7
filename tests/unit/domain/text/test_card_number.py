"""Card numbers are found wherever they hide, and references that only resemble them survive."""

import re
from decimal import Decimal
from string import punctuation

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.text.card_number import (
    DEPTH_MAX,
    REDACTED,
    CardNumberRefused,
    CardTail,
    contains_card_number,
    is_card_number,
    redact,
    refuse_card_numbers,
)
from domain.text.contact_number import contact_groups
from text_vectors import ADDRESSES, CARD_NUMBERS, OPAQUE_IDS

UUID = "313874cd-dfbc-423d-b246-548991270564"

CARDS = [
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "4012888888881881",
    "30569309025904",
    "6521111111111110",
    "8172000000000005",
    "4222222222222",
    "2221000000000009",
    "2720990000000007",
    "5105105105105100",
    "4000000000000000006",
    "5081000000000001",
    "3530111333300000",
    "3560000000000006",
]
NOT_CARDS = [
    "4111111111111112",
    "1234567890123456",
    "6521111111111117",  # handed around as a RuPay test card, yet Luhn does not hold
    "1111111111111117",  # Luhn holds, but no issuer begins with 1
    "2220000000000008",
    "2721000000000004",
    "7000000000000005",
    "123456789012",  # RRN
    "411111111111",
    "74111111111111111111118",  # ARN, with a card number inside
    "41111111111111110000",
    "SK4F7QZ2M9XK3B8T1W5Y",
    "ordeh_0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "2026-11-23T19:12:45.123456Z",
    "1795461165123",
]

digits = st.text("0123456789", min_size=8, max_size=18)


def luhn(start: str) -> str:
    total = sum(
        int(digit) if place % 2 else sum(divmod(2 * int(digit), 10))
        for place, digit in enumerate(reversed(start))
    )
    return start + str(-total % 10)


cards = st.builds(
    lambda issuer, rest: luhn((issuer + rest)[:18]),
    st.sampled_from(["4", "51", "2221", "60", "65", "81", "508", "353", "34", "37", "30", "36"]),
    st.text("0123456789", min_size=12, max_size=15),
)
separators = st.sampled_from(["", "", " ", "-", "\u00a0", "\u2011", "\u200b"])
marks = st.sampled_from(
    ["", " ", "  ", "-", ".", ", ", "/", "_", " - ", "\n", "\r\n", "\t", "।", "\u2028"]
)
noise = st.text(st.sampled_from("0123456789 -41५\uff14\u200b" + punctuation + "abआ"), max_size=30)
contacts = st.sampled_from(
    ["560001", "98450 12345", "9845012345", "411 001", "080 2345 6789", "91"]
)


@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_is_found(number: str) -> None:
    """
    The published vectors and the edges of each issuer's range, bare and inside a sentence.
    """
    assert contains_card_number(number)
    assert contains_card_number(f"paid with {number}, thank you")
    assert contains_card_number(f"card{number}x")
    assert contains_card_number(" ".join(number[at : at + 4] for at in range(0, len(number), 4)))
    assert contains_card_number("-".join(number))


@pytest.mark.parametrize("text", NOT_CARDS)
def test_what_only_resembles_a_card_number_survives(text: str) -> None:
    """
    Wrong check digit, no issuer, too short, too long: banks' references look like that.
    """
    assert not contains_card_number(text)
    assert text == redact(text)
    refuse_card_numbers("note", text)


@pytest.mark.parametrize(
    "hidden",
    [
        "\uff14\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11",
        "४१११ ११११ ११११ ११११",
        "4111\u00a01111\u20091111\u20111111",
        "41\u200b11\u00ad1111\u20601111\u200d1111",
        "⁴¹¹¹¹¹¹¹¹¹¹¹¹¹¹¹",
        "12 4111 1111 1111 1111",
        "4111 1111 1111 1111 1",
        "order 7-4111111111111111-2",
        '{"n":"4111111111111111"}',
    ],
)
def test_other_scripts_and_neighbours_hide_nothing(hidden: str) -> None:
    """
    Digits of any script, unusual spaces, invisible marks, and short numbers on either side.
    """
    assert contains_card_number(hidden)
    assert "XXXXXXXXXXXX1111" in str(redact(hidden))


@pytest.mark.parametrize("apart", ["  ", "--", ".", "\n", "x", "/"])
def test_only_a_single_space_or_hyphen_holds_a_number_together(apart: str) -> None:
    """
    Two columns of a report are two numbers.
    """
    assert not contains_card_number(f"41111111{apart}11111111")


@pytest.mark.parametrize("text", CARD_NUMBERS)
def test_a_card_number_is_found_however_it_is_written(text: str) -> None:
    """
    In the groups of a card, whatever stands between them; networks of every range; any script's digits.
    """
    assert contains_card_number(text)
    assert is_card_number(text)
    assert contains_card_number(f"paid with {text}, thank you")
    assert not is_card_number(f"7-{text}")
    assert not contains_card_number(str(redact(text)))


@given(cards, st.sampled_from([1, 2, 3, 4]), st.lists(marks, min_size=19, max_size=19), noise)
def test_a_card_in_equal_groups_is_found_next_to_anything(
    card: str, size: int, gaps: list[str], beside: str
) -> None:
    """
    Dots, commas, slashes, underscores, blanks and line breaks in any mixture.
    """
    groups = [card[at : at + size] for at in range(0, len(card), size)]
    written = groups[0] + "".join(gap + group for gap, group in zip(gaps, groups[1:], strict=False))

    assume(all(gaps[: len(groups) - 1]) or not any(gaps[: len(groups) - 1]))
    assert contains_card_number(f"{beside}|{written}|{beside}")


@pytest.mark.parametrize("text", ADDRESSES)
@settings(max_examples=25)
@given(data=st.data())
def test_a_pin_code_beside_a_telephone_is_no_card_number(text: str, data: st.DataObject) -> None:
    """
    One such address in a hundred passes Luhn's check behind a network's prefix.
    """
    pools = {"0": "0", "9": "6789"}
    drawn = (
        data.draw(st.sampled_from(pools.get(mark, "23456789"))) if mark.isdigit() else mark
        for mark in text
    )
    # Trunk digits and country codes stay what they are.
    kept = re.sub(r"(?<=\+)[0-9]{2}|(?<= )[0-9]{2}(?= [0-9]{10})", "91", "".join(drawn))

    assert not contains_card_number(kept)
    assert kept == redact(kept)


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_hides_no_card_number(text: str) -> None:
    """
    A card number before or behind it is found, and the address stays when it is masked.
    """
    for beside in ("4111 1111 1111 1111", "4111111111111111"):
        for written in (f"{text}, {beside}", f"{beside}, {text}"):
            assert contains_card_number(written)
            assert text in str(redact(written))


@pytest.mark.parametrize("text", OPAQUE_IDS)
def test_what_a_machine_made_is_not_searched(text: str) -> None:
    """
    One UUID in nine hundred holds digits like a card's; none of them is nothing but a card number.
    """
    assert not is_card_number(text)


def test_a_digest_in_a_sentence_is_left_alone() -> None:
    """
    In upper case, behind a prefix, and between brackets; what only resembles a UUID is searched.
    """
    digest = "a" * 7 + "4111111111111111" + "b" * 9

    for kept in (f"ordeh_{digest}", f"({digest.upper()})", f"sha1 {digest}{'c' * 8}", UUID):
        assert kept == redact(kept)
    assert contains_card_number(f"{digest}z")
    assert contains_card_number(f"{UUID}z")
    assert contains_card_number("4111111111111111" * 2 + " 4111111111111111")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("4111111111111111", "XXXXXXXXXXXX1111"),
        ("4111 1111 1111 1111", "XXXXXXXXXXXX1111"),
        ("378282246310005", "XXXXXXXXXXX0005"),
        ("a 4111-1111-1111-1111 b 5555555555554444 c", "a XXXXXXXXXXXX1111 b XXXXXXXXXXXX4444 c"),
        ("आशा ४१११११११११११११११!", "आशा XXXXXXXXXXXX1111!"),
        ("4111111111111111 4012888888881881", "XXXXXXXXXXXX1111 XXXXXXXXXXXX1881"),
        ("4111111111111111 12", "XXXXXXXXXXXX1111 12"),
        ("4111111111111111 227", "XXXXXXXXXXXXXXX1227"),  # 16 digits are a card, all 19 another
        ("4111 1111 1111 11-1 1", "XXXXXXXXXXXX1111"),
    ],
)
def test_four_digits_are_left(text: str, left: str) -> None:
    """
    The last four, for which there is a use; what stands around stays as it was.
    """
    assert left == redact(text)
    assert left == redact(left)


def test_the_four_digits_left_do_not_begin_another_card() -> None:
    """
    A tail of 4111 followed by the rest of a number would be one again; both go together.
    """
    chained = "5100000000064111 1111 1111 1111"

    assert contains_card_number(chained)
    assert redact(chained) == "X" * 24 + "1111"


@pytest.mark.parametrize(
    "name",
    [
        *("cvv", "CVV2", "cvc", "CID", "securityCode", "card_number", "Card No", "name_on_card"),
        *("card_exp_month", "cardExpYear", "expiry", "expiry_month", "EXPIRY-YEAR", "exp_month"),
        *("track1", "track_data", "pin", "PIN Block", "upi_pin", "atm-pin", "mpin"),
        *(
            "otp",
            "password",
            "netbanking_password",
            "netbankingUser",
            "card_isin",
            "\uff43\uff56\uff56",
        ),
    ],
)
def test_what_must_never_be_stored_goes_whole(name: str) -> None:
    """
    By its exact name, whatever the case and the separators, whatever the value.
    """
    for value in ("123", 123, None, ["1"], {"a": "b"}):
        assert redact({"card": {name: value, "kept": value}}) == {
            "card": {name: REDACTED, "kept": value}
        }


@pytest.mark.parametrize(
    "name",
    [
        *("pincode", "shipping", "pan", "order_id", "last_four_digits", "card_type", "spin"),
        *("topic", "order_expiry", "incident", "rrn", "cidr"),
    ],
)
def test_names_that_only_contain_a_forbidden_one_are_kept(name: str) -> None:
    """
    A pincode is no PIN, and the tax PAN no card number.
    """
    assert {name: "411001"} == redact({name: "411001"})


def test_a_whole_answer_is_cleaned_in_depth() -> None:
    """
    Lists, numbers, keys and texts; what is harmless stays, types included.
    """
    answer = {
        "order_id": "SK4F7QZ2M9XK3B8T1W5Y",
        "amount": Decimal("999.00"),
        "ratio": 0.5,
        "paid": True,
        "nothing": None,
        "rrn": 123456789012,
        "txn": {"4111111111111111": [4111111111111111, -4111111111111111, ("a", 1)]},
        "floating": [4111111111111111.0, 4111111111111111.5, Decimal("4111111111111111.00")],
        "long": [10**18, 10**30, 10**400, float("inf"), Decimal("sNaN"), Decimal("1E+999999")],
        7: "a key that JSON would not have",
    }

    cleaned = redact(answer)

    assert isinstance(cleaned, dict)
    tail = "XXXXXXXXXXXX1111"
    for kept in ("order_id", "amount", "ratio", "paid", "nothing", "rrn", 7):
        assert answer[kept] == cleaned[kept]
    assert cleaned["txn"] == {tail: [tail, tail, ["a", 1]]}
    assert cleaned["floating"] == [tail, 4111111111111111.5, tail]
    assert [str(number) for number in cleaned["long"]] == [
        str(10**18),
        str(10**30),
        str(10**400),
        "inf",
        "sNaN",
        "1E+999999",
    ]


def test_not_a_number_is_left_alone() -> None:
    """
    It equals nothing, not even itself, and is certainly no card.
    """
    assert str(redact(float("nan"))) == "nan"


def test_what_is_nested_too_deep_goes_whole() -> None:
    """
    No answer of a bank is like that; nothing hides down there, and nothing overflows.
    """
    deep: object = "4111111111111111"
    for _ in range(10 * DEPTH_MAX):
        deep = [deep]

    assert REDACTED in str(redact(deep))
    assert "1111" not in str(redact(deep))
    assert redact(deep) == redact(redact(deep))
    assert redact(["a", [{"b": 1}]]) == ["a", [{"b": 1}]]


def test_a_user_is_told_the_field_and_not_the_number() -> None:
    """
    The refusal may end in a log; the number may not.
    """
    with pytest.raises(CardNumberRefused) as refused:
        refuse_card_numbers("address", "4111 1111 1111 1111")
    assert refused.value.field == "address"
    assert "1111" not in f"{refused.value} {refused.value!r} {vars(refused.value)}"


def test_a_card_tail_is_four_digits() -> None:
    """
    All of a card this system may ever hold.
    """
    assert str(CardTail("0005")) == "•••• 0005"


@pytest.mark.parametrize(
    "wrong", ["", "123", "12345", "12a4", "\uff11\uff12\uff13\uff14", "²²²²", "4111111111111111"]
)
def test_anything_else_is_no_card_tail(wrong: str) -> None:
    """
    There is no room in it for more.
    """
    with pytest.raises(ValueError, match="four digits"):
        CardTail(wrong)


@given(cards, st.lists(separators, min_size=19, max_size=19), noise)
def test_a_separated_card_is_found_next_to_anything(
    card: str, gaps: list[str], beside: str
) -> None:
    """
    However it is written, and whatever stands beside it, as long as no digit touches it.
    """
    written = card[0] + "".join(gap + digit for gap, digit in zip(gaps, card[1:], strict=False))
    groups = re.split("[ \u00a0\u2011-]+", written.replace("\u200b", ""))

    assume(not contact_groups(groups))
    assert contains_card_number(written)
    assert contains_card_number(f"{beside}|{written}|{beside}")
    assert contains_card_number(f"7 {written} 7")


@given(
    st.lists(noise | cards | digits | contacts | st.just("4111"), max_size=8),
    st.sampled_from(["", " ", "-", ", ", "."]),
)
def test_redaction_leaves_no_card_and_needs_no_second_pass(parts: list[str], gap: str) -> None:
    """
    The law of the detector: clean once is clean.
    """
    text = gap.join(parts)
    cleaned = redact(text)

    assert isinstance(cleaned, str)
    assert not contains_card_number(cleaned)
    assert cleaned == redact(cleaned)
    assert (cleaned != text) == contains_card_number(text)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | noise | cards,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(noise | cards | st.sampled_from(["cvv", "Expiry"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json)
def test_redacting_twice_is_redacting_once(value: object) -> None:
    """
    Whatever the bank sends.
    """
    assert redact(value) == redact(redact(value))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["4 " * 20_000, "4-1 1" * 8_000, "4" * 40_000, "4\u200b1" * 13_000, "4 11" * 10_000]
)
def test_a_hostile_text_is_read_once(text: str) -> None:
    """
    A body built of endless beginnings of cards takes time by its length, not by its square.
    """
    assert not contains_card_number(str(redact(text)))
