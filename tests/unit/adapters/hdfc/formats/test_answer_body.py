"""The bank's answers in three dialects come to one value; what could be read in two ways is not read."""

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hdfc.formats.answer_body import read_answer
from adapters.hdfc.formats.body_limits import DEPTH_MAX, VALUES_MAX, UnreadableBody
from adapters.hdfc.formats.xml_text import LISTS
from entrypoints.simulator.response_formats import ResponseFormat, translated
from samples.hdfc.samples import UNHURRIED, raw_sample

JSON = "application/json"
XML = "application/xml"
FORM = "application/x-www-form-urlencoded"
OTHERS = (ResponseFormat.XML, ResponseFormat.FORM)

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True).filter(
    lambda name: name not in LISTS
)
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\t\n\r&<>\"'%+= []"),
    max_size=12,
)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=2) | st.integers()
leaves = st.none() | st.booleans() | numbers | texts
values = st.dictionaries(
    names,
    st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=10,
    ),
    min_size=1,
    max_size=5,
)


in_json = msgspec.json.Encoder(decimal_format="number").encode


@UNHURRIED
@given(values)
def test_one_value_in_every_dialect(value: dict[str, Any]) -> None:
    """
    What JSON says, XML and a form say too, to the digit.
    """
    body = in_json(value)
    expected = read_answer(JSON, body)

    for dialect in OTHERS:
        assert expected == read_answer(*translated(dialect, body))


@UNHURRIED
@given(values)
def test_what_was_read_can_be_written_and_read_again(value: dict[str, Any]) -> None:
    """
    Format, parse, format: the second text is the first, and nothing is lost on the way.
    """
    read = read_answer(JSON, in_json(value))

    assert read == read_answer(JSON, in_json(read))
    for dialect in OTHERS:
        media, written = translated(dialect, in_json(read))
        assert read == read_answer(media, written)
        assert written == translated(dialect, in_json(read_answer(media, written)))[1]


@pytest.mark.parametrize(
    "name",
    [
        *("session", "order_new", "order_failed", "order_charged_card", "order_charged_upi"),
        *("error_denied", "error_invalid", "error_invalid_old", "error_not_found", "error_origin"),
    ],
)
@pytest.mark.parametrize("dialect", OTHERS)
def test_the_banks_own_messages_are_one_in_all_dialects(name: str, dialect: ResponseFormat) -> None:
    """
    Every sample of the bank's messages, translated and read, is the sample.
    """
    body = raw_sample(name)

    assert read_answer(JSON, body) == read_answer(*translated(dialect, body))


def test_a_value_is_texts_lists_and_objects() -> None:
    """
    Numbers and truth values are text, and what says nothing is not there.
    """
    body = b'{"a":1499.50,"b":true,"c":false,"d":null,"e":{},"f":[],"g":"","h":[null,{"i":[]},"x"]}'
    expected = {"a": "1499.50", "b": "true", "c": "false", "g": "", "h": ["x"]}

    assert expected == read_answer(JSON, body)
    for dialect in OTHERS:
        assert expected == read_answer(*translated(dialect, body))


def test_xml_as_others_write_it() -> None:
    """
    Blanks between elements, CDATA, references, a BOM and a list that does not say it is one.
    """
    body = """\ufeff<?xml version='1.0' encoding='utf-8' ?>
    <order>
      <order_id>SK1</order_id>
      <amount>1499.50</amount>
      <note><![CDATA[a < b & c]]> &amp; &#x20B9;</note>
      <metadata.expiryInMins>15</metadata.expiryInMins>
      <refunds><refund><amount>5</amount></refund></refunds>
      <offers/>
      <card nil="true"/>
    </order>
    """

    assert read_answer("Text/XML; charset=UTF-8", body.encode()) == {
        "order_id": "SK1",
        "amount": "1499.50",
        "note": "a < b & c & ₹",
        "metadata.expiryInMins": "15",
        "refunds": [{"amount": "5"}],
    }


def test_a_form_as_others_write_it() -> None:
    """
    Plus and escapes, brackets escaped or not, and a list that leaves out what was empty.
    """
    body = (
        b"order_id=SK1&metadata.expiryInMins=15&note=a+%26+b&card%5Bcard_brand%5D=VISA"
        b"&refunds[1][amount]=5&refunds[4][amount]=7"
    )

    assert read_answer(FORM, body) == {
        "order_id": "SK1",
        "metadata.expiryInMins": "15",
        "note": "a & b",
        "card": {"card_brand": "VISA"},
        "refunds": [{"amount": "5"}, {"amount": "7"}],
    }


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
TOO_MANY = VALUES_MAX + 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "<a>",
        "<a>1</b>",
        "<a/><b/>",
        "<a>text</a>",
        "<!DOCTYPE a><a><b>1</b></a>",
        "<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'><a><b>1</b></a>",
        "<!DOCTYPE a [<!ENTITY b '1'>]><a><b>&b;</b></a>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a><b>&b;</b></a>",
        "<!DOCTYPE a [<!ENTITY % b SYSTEM 'file:///etc/hostname'> %b;]><a/>",
        f"<!DOCTYPE a [<!ENTITY l0 'x'>{LAUGHS}]><a><b>&l9;</b></a>",
        "<a><b>&undefined;</b></a>",
        "<a><b>1</b><b>2</b></a>",
        "<a>1<b>2</b></a>",
        "<a><b>2</b>1</a>",
        "<a><b>1<!-- 2 -->0</b></a>",
        "<a><?do something?><b>1</b></a>",
        "<a xmlns='urn:x'><b>1</b></a>",
        "<a xmlns:x='urn:x'><x:b>1</x:b></a>",
        "<a><x:b>1</x:b></a>",
        "<a><b currency='USD'>1</b></a>",
        "<a><b type='decimal'>1</b></a>",
        "<a><b type='array' nil='true'/></a>",
        "<a><b nil='true'>1</b></a>",
        "<a><b nil='true'><c/></b></a>",
        "<a><b type='array'>1</b></a>",
        "<a type='array'><b>1</b></a>",
        "<?xml version='1.0' encoding='utf-16'?><a><b>1</b></a>",
        '<?xml version="1.0" encoding="ISO-8859-1"?><a><b>é</b></a>',
        "<a>" * (DEPTH_MAX + 2) + "</a>" * (DEPTH_MAX + 2),
        "<a>" * 150_000,
        "<a>" + "<b>1</b>" * TOO_MANY + "</a>",
        "<a><b type='array'>" + "<c/>" * TOO_MANY + "</b></a>",
        "<a><b>\x00</b></a>",
        "<a><b>&#0;</b></a>",
    ],
)
def test_xml_that_could_surprise_is_not_read(body: str) -> None:
    """
    Entities and a DTD above all; and depth, size, name spaces, attributes, and what means two things.
    """
    with pytest.raises(UnreadableBody) as refusal:
        read_answer(XML, body.encode())

    assert "hostname" not in str(refusal.value)


@pytest.mark.parametrize("body", ["<a><b>1</b></a>".encode("utf-16"), b"<a><b>\xe9</b></a>"])
def test_xml_in_another_encoding_is_not_read(body: bytes) -> None:
    """
    A byte order mark does not talk us into another encoding.
    """
    with pytest.raises(UnreadableBody):
        read_answer(XML, body)


@pytest.mark.parametrize(
    "body",
    [
        b"a",
        b"&",
        b"a=1&",
        b"a=1&&b=2",
        b"=1",
        b"a=%",
        b"a=%4",
        b"a=%zz",
        b"a=%ff",
        b"%ff=1",
        b"a=\xe9",
        b"a=1 2",
        b"a=1\n",
        b"a=1&a=2",
        b"a=1&%61=2",
        b"a=1&a[b]=2",
        b"a[b]=2&a=1",
        b"a[b]=1&a[b]=1",
        b"a[b]=1&a[b][c]=1",
        b"a[]=1",
        b"a[[b]]=1",
        b"a[b=1",
        b"a]b[=1",
        b"[b]=1",
        b"a[b]c=1",
        b"a[1]=1&a[0]=1",
        b"a[0]=1&a[b]=1",
        b"a[b]=1&a[0]=1",
        b"a[00]=1&a[0]=1",
        b"a" + b"[b]" * DEPTH_MAX + b"=1",
        b"a" + b"[b]" * 100_000 + b"=1",
        b"&".join(b"a%d=1" % number for number in range(TOO_MANY)),
        b"<a/>",
        b'{"a":1}',
    ],
)
def test_a_form_that_could_surprise_is_not_read(body: bytes) -> None:
    """
    Broken escapes, names that stand for two things, depth and size.
    """
    with pytest.raises(UnreadableBody):
        read_answer(FORM, body)


@pytest.mark.parametrize("body", [b"[]", b"1", b'"a"', b"null", b"[" + b"0," * TOO_MANY + b"0]"])
def test_json_that_is_no_object_is_not_read(body: bytes) -> None:
    """
    An answer is an object in every dialect, of bounded size.
    """
    with pytest.raises(UnreadableBody):
        read_answer(JSON, body)
    with pytest.raises(UnreadableBody):
        read_answer(JSON, b'{"a":{"b":[' + b"[]," * TOO_MANY + b"[]]}}")


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        ";charset=utf-8",
        "application/json",
        "APPLICATION/JSON",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"; version=2023-06-30',
    ],
)
def test_json_is_what_was_asked_for(content_type: str) -> None:
    """
    An answer that does not say what it is, is taken for it.
    """
    assert read_answer(content_type, b'{"a":1}') == {"a": "1"}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "text/plain",
        "text/json",
        "application/octet-stream",
        "application/problem+json",
        "multipart/form-data; boundary=x",
        "application/json, application/json",
        "application/json, text/html",
        "application/json; charset=utf-16",
        "application/xml; charset=iso-8859-1",
        "json",
        "é",
    ],
)
@pytest.mark.parametrize("body", [b'{"a":1}', b"<a><b>1</b></a>", b"a=1"])
def test_no_other_content_type_is_read(content_type: str, body: bytes) -> None:
    """
    What is not one of the bank's dialects is not guessed at.
    """
    with pytest.raises(UnreadableBody):
        read_answer(content_type, body)


@pytest.mark.parametrize(
    ("content_type", "body"), [(JSON, b"a=1"), (JSON, b"<a/>"), (XML, b'{"a":1}'), (XML, b"a=1")]
)
def test_a_wrong_content_type_is_believed(content_type: str, body: bytes) -> None:
    """
    A dialect is never tried out.
    """
    with pytest.raises(UnreadableBody):
        read_answer(content_type, body)


@UNHURRIED
@given(st.sampled_from([JSON, XML, FORM]), st.binary(max_size=200) | texts.map(str.encode))
def test_any_bytes_are_read_or_refused(content_type: str, body: bytes) -> None:
    """
    Nothing but ``UnreadableBody`` ever leaves.
    """
    with suppress(UnreadableBody):
        read_answer(content_type, body)
