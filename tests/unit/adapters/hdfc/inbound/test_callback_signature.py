"""The signature on a returning student's browser: the five published cases, and everything near them refused."""

from typing import Any, Final
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from adapters.hdfc.inbound.callback_signature import (
    FIELDS_MAX,
    check_signature,
    java,
    rfc3986,
    sign,
)
from ports.payments.gateway_messages import ForgedMessage, MalformedMessage
from samples.hdfc.samples import UNHURRIED, sample

VECTORS: Final = sample("signatures")
KEY: Final[str] = VECTORS["key"]
CASES: Final[list[Any]] = [pytest.param(case, id=case["name"]) for case in VECTORS["vectors"]]
Fields = list[tuple[str, str]]

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda name: not name.startswith("signature")
)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
field_lists = st.lists(st.tuples(names, values), max_size=6, unique_by=lambda pair: pair[0])


def fields_of(case: dict[str, Any]) -> Fields:
    return [(name, value) for name, value in case["fields"]]


def with_signature(fields: Fields, signature: str, algorithm: str = "HMAC-SHA256") -> Fields:
    return [*fields, ("signature", signature), ("signature_algorithm", algorithm)]


def browser(fields: Fields, signature: str, encodings: int) -> Fields:
    """The fields as a framework reads them out of a query whose signature was encoded so often."""
    for _ in range(encodings):
        signature = quote(signature, safe="")
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in fields)
    query += f"&signature={signature}&signature_algorithm=HMAC-SHA256"
    return parse_qsl(query, keep_blank_values=True)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("encodings", [1, 2])
def test_a_published_case_is_believed(case: dict[str, Any], encodings: int) -> None:
    """
    Each vector holds, whether the gateway encodes its signature once or twice.
    """
    fields = fields_of(case)

    assert dict(fields) == check_signature(browser(fields, case["signature"], encodings), KEY)


@pytest.mark.parametrize("case", CASES)
def test_a_published_signature_is_reproduced(case: dict[str, Any]) -> None:
    """
    What we compute is exactly the value on the page.
    """
    assert case["signature"] == sign(fields_of(case), KEY)


@pytest.mark.parametrize("case", [case for case in CASES if "in_url" in case.values[0]])
def test_a_published_address_is_read(case: dict[str, Any]) -> None:
    """
    The signature as it stands in the page's address line is the one we would write there.
    """
    assert case["in_url"] == quote(case["signature"], safe="")


def test_a_plus_that_became_a_space_is_mended() -> None:
    """
    A ``+`` nobody encoded is a space by the time a framework hands it over.
    """
    fields = fields_of(VECTORS["vectors"][4])

    assert check_signature(browser(fields, VECTORS["vectors"][4]["signature"], 0), KEY)


def test_the_java_way_of_encoding_is_believed_too() -> None:
    """
    The bank's own Java sample splits from RFC 3986 on space, star and tilde.
    """
    case = VECTORS["vectors"][3]

    assert case["also"][0] == sign(fields_of(case), KEY, java)
    assert check_signature(with_signature(fields_of(case), case["also"][0]), KEY)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case["name"]) for case in VECTORS["vectors"] if "refused" in case],
)
def test_variants_that_blur_fields_are_refused(case: dict[str, Any]) -> None:
    """
    Leaving out the inner encoding, or PHP's way of it, is no signature here.
    """
    for signature in case["refused"]:
        with pytest.raises(ForgedMessage):
            check_signature(with_signature(fields_of(case), signature), KEY)


@pytest.mark.parametrize(
    "fields",
    [
        [("order_id", "ORD20260731A1B2C3D4"), ("status", "NEW"), ("status_id", "21")],
        [("order_id", "ORD20260731A1B2C3D4"), ("status", "CHARGED"), ("status_id", "27")],
        [("order_id", "ORD20260731A1B2C3D4"), ("status", "CHARGED")],
        [
            ("order_id", "ORD20260731A1B2C3D4"),
            ("status", "CHARGED"),
            ("status_id", "21"),
            ("more", "1"),
        ],
    ],
)
def test_a_touched_field_is_refused(fields: Fields) -> None:
    """
    Change, drop or add a field of a believed return, and it is believed no more.
    """
    with pytest.raises(ForgedMessage):
        check_signature(with_signature(fields, VECTORS["vectors"][0]["signature"]), KEY)


def test_another_key_signs_nothing() -> None:
    """
    The key is text, and its case counts.
    """
    case = VECTORS["vectors"][0]

    with pytest.raises(ForgedMessage):
        check_signature(with_signature(fields_of(case), case["signature"]), KEY.lower())


@pytest.mark.parametrize(
    "signature",
    ["", "=", "JbqpbPFG6aD2do6Y4ET4jnMBFe7K0k6As+OLfW5UB9A", "é" * 44, "%" * 44, "x" * 45],
)
def test_what_cannot_be_a_signature_is_refused(signature: str) -> None:
    """
    Missing, short, long and non-ASCII ones are refused, none of them with a crash.
    """
    with pytest.raises(ForgedMessage):
        check_signature(with_signature(fields_of(VECTORS["vectors"][0]), signature), KEY)


@pytest.mark.parametrize("algorithm", ["", "none", "hmac-sha256", "HMAC-SHA1"])
def test_only_the_one_algorithm_counts(algorithm: str) -> None:
    """
    The message does not get to choose how it is checked.
    """
    case = VECTORS["vectors"][0]

    with pytest.raises(ForgedMessage):
        check_signature(with_signature(fields_of(case), case["signature"], algorithm), KEY)
    with pytest.raises(ForgedMessage):
        check_signature([*fields_of(case), ("signature", case["signature"])], KEY)


@pytest.mark.parametrize("name", ["order_id", "status", "signature", "signature_algorithm"])
def test_a_repeated_field_is_refused(name: str) -> None:
    """
    Two values under one name could be read as either.
    """
    case = VECTORS["vectors"][0]
    fields = with_signature(fields_of(case), case["signature"])

    with pytest.raises(MalformedMessage, match="repeated"):
        check_signature([*fields, (name, dict(fields)[name])], KEY)


@pytest.mark.parametrize(
    "fields",
    [
        [(f"f{number}", "") for number in range(FIELDS_MAX + 1)],
        [("order_id", "x" * 2001)],
        [("x" * 2001, "")],
        [("order_id", "\ud800")],
    ],
)
def test_more_than_a_return_can_be_is_refused(fields: Fields) -> None:
    """
    Too many fields, too long ones and broken Unicode are named, not computed with.
    """
    with pytest.raises(MalformedMessage):
        check_signature(fields, KEY)


@UNHURRIED
@given(fields=field_lists, key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@example(fields=[("a", "b c*~/é+")], key="k")
def test_what_was_signed_is_believed(fields: Fields, key: str) -> None:
    """
    For any fields, in any order, by either encoder.
    """
    for encode in (rfc3986, java):
        signature = sign(fields, key, encode)
        assert dict(fields) == check_signature(with_signature(fields[::-1], signature), key)


@UNHURRIED
@given(data=st.data(), fields=field_lists.filter(bool))
def test_any_other_character_breaks_the_seal(data: st.DataObject, fields: Fields) -> None:
    """
    One character exchanged in one value, name or in the signature itself is enough.
    """
    signed = with_signature(fields, sign(fields, KEY))
    place = data.draw(st.integers(0, len(signed) - 1))
    side = data.draw(st.integers(0, 1))
    text = signed[place][side]
    assume(text)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(exclude_categories=["Cs"]))
    # A space in the signature is read as the plus it once was.
    assume(other != text[at] and {other, text[at]} != {" ", "+"})
    pair = list(signed[place])
    pair[side] = text[:at] + other + text[at + 1 :]
    signed[place] = (pair[0], pair[1])

    with pytest.raises((ForgedMessage, MalformedMessage)):
        check_signature(signed, KEY)
