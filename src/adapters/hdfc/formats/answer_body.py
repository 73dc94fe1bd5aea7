"""Read an answer in any of the bank's formats, JSON, XML or form, as one and the same value."""

from collections.abc import Callable, Mapping
from typing import Final

from adapters.hdfc.formats.body_limits import VALUES_MAX, UnreadableBody
from adapters.hdfc.formats.form_text import read_form
from adapters.hdfc.formats.json_text import read_json
from adapters.hdfc.formats.xml_text import read_xml

READERS: Final[Mapping[str, Callable[[bytes], object]]] = {
    "application/json": read_json,
    "application/xml": read_xml,
    "text/xml": read_xml,
    "application/x-www-form-urlencoded": read_form,
}
ACCEPTED: Final = "application/json"
CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii"})


def read_answer(content_type: str, body: bytes) -> dict[str, object]:
    """
    Return the object in *body*, which holds only texts, lists and objects.

    Numbers and booleans are the text they were written as. Null, and an empty list or object, are left out, since not
    every format can write them. *content_type* names the format; without one it is JSON. Raises ``UnreadableBody``.
    """
    read = READERS.get(_media_type(content_type))
    if read is None:
        raise UnreadableBody("neither JSON nor XML nor a form")
    value = read(body)
    if not isinstance(value, dict):
        raise UnreadableBody("not an object")
    if _count(value) > VALUES_MAX:
        raise UnreadableBody("more than can be read")
    return _object_without_empty(value)


def _media_type(content_type: str) -> str:
    media, *parameters = content_type.lower().split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in CHARSETS:
            raise UnreadableBody("not UTF-8")
    return media.strip() or ACCEPTED


def _count(value: object) -> int:
    match value:
        case list():
            return 1 + sum(map(_count, value))
        case dict():
            return 1 + sum(map(_count, value.values()))
        case _:
            return 1


def _object_without_empty(named: Mapping[str, object]) -> dict[str, object]:
    kept = {name: _without_empty(value) for name, value in named.items()}
    return {name: value for name, value in kept.items() if value is not None}


def _without_empty(value: object) -> object:
    """Return *value* without nulls and empty lists and objects, or None when nothing is left."""
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return [kept for each in value if (kept := _without_empty(each)) is not None] or None
        case dict():
            return _object_without_empty(value) or None
        case _:
            return value
