"""The bank's answers in whichever of its dialects they come: further in, all of them are one value."""

from collections.abc import Callable, Mapping
from typing import Final

from adapters.hdfc.formats.form_text import read_form
from adapters.hdfc.formats.json_text import read_json
from adapters.hdfc.formats.unreadable import VALUES_MAX, Unreadable
from adapters.hdfc.formats.xml_text import read_xml

READERS: Final[Mapping[str, Callable[[bytes], object]]] = {
    "application/json": read_json,
    "application/xml": read_xml,
    "text/xml": read_xml,
    "application/x-www-form-urlencoded": read_form,
}
ASKED_FOR: Final = "application/json"
CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii"})


def read_answer(content_type: str, body: bytes) -> dict[str, object]:
    """
    Return the object that *body* says: texts, lists and objects in it, and nothing else.

    Numbers and truth values are the text they were written as. Null, and what is empty without
    being a text, says nothing in any dialect and is left out. *content_type* is believed, and an
    answer without one is in the dialect that was asked for. Raises ``Unreadable``.
    """
    read = READERS.get(_dialect(content_type))
    if read is None:
        raise Unreadable("neither JSON nor XML nor a form")
    value = read(body)
    if not isinstance(value, dict):
        raise Unreadable("not an object")
    if _many(value) > VALUES_MAX:
        raise Unreadable("more than can be read")
    return _object_said(value)


def _dialect(content_type: str) -> str:
    media, *parameters = content_type.lower().split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in CHARSETS:
            raise Unreadable("not UTF-8")
    return media.strip() or ASKED_FOR


def _many(value: object) -> int:
    match value:
        case list():
            return 1 + sum(map(_many, value))
        case dict():
            return 1 + sum(map(_many, value.values()))
        case _:
            return 1


def _object_said(named: Mapping[str, object]) -> dict[str, object]:
    said = {name: _said(value) for name, value in named.items()}
    return {name: value for name, value in said.items() if value is not None}


def _said(value: object) -> object:
    """Return *value* without what says nothing, or None when that is all of it."""
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return [said for each in value if (said := _said(each)) is not None] or None
        case dict():
            return _object_said(value) or None
        case _:
            return value
