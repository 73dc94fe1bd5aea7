"""Read XML of unknown senders as a value: no DTD, no entities, nothing that could be read in two ways."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from adapters.hdfc.formats.body_limits import DEPTH_MAX, VALUES_MAX, UnreadableBody

ATTRIBUTES: Final[Mapping[tuple[tuple[str, str], ...], tuple[bool, bool]]] = {
    (): (False, False),
    (("type", "array"),): (True, False),
    (("nil", "true"),): (False, True),
}
"""The attributes that an element may have, and whether it is then a list, or null."""

LISTS: Final = frozenset({"chargebacks", "fields", "offers", "refunds", "txn_list"})
"""Elements that are always lists: without an attribute, XML cannot tell a list of one from an object."""

_BLANKS: Final = " \t\r\n"
_FOREIGN_ENCODING: Final = re.compile(
    r"<\?xml[^>]*?encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE
)


class NotXml(UnreadableBody):
    """The text is not XML, or not within these rules."""


def read_xml(body: bytes) -> object:
    """
    Return the content of the root element of *body*, an object when it is empty; its name is ignored.

    An element with ``type="array"`` or a name in ``LISTS`` is a list, one with ``nil="true"`` is None, one with
    elements inside is an object, and any other is its text as written. Raises ``NotXml`` unless *body* is UTF-8 XML
    within ``body_limits``. A DTD, entity, name space, comment, other attribute, or two elements of one name in an
    object raise it too.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotXml("not UTF-8") from None
    if _FOREIGN_ENCODING.match(text):
        raise NotXml("not UTF-8")
    tree = _Tree()
    parser = DefusedXMLParser(target=tree, forbid_dtd=True)
    try:
        parser.feed(text)
        return parser.close()
    except DefusedXmlException:
        raise NotXml("XML with a DTD or entities") from None
    except ParseError:
        raise NotXml("not XML") from None


@dataclass(slots=True)
class _Element:
    name: str
    is_list: bool
    is_null: bool
    texts: list[str] = field(default_factory=list)
    members: list[tuple[str, object]] = field(default_factory=list)

    def value(self) -> object:
        text = "".join(self.texts)
        if not self.members and not self.is_list and not self.is_null:
            return text
        if text.strip(_BLANKS) or (self.is_null and self.members):
            raise NotXml("text beside elements")
        if self.is_null:
            return None
        if self.is_list:
            return [value for _, value in self.members]
        named = dict(self.members)
        if len(named) != len(self.members):
            raise NotXml("a key is repeated")
        return named


class _Tree:
    """Builds the value from the parser's events, and stops at once when a rule is broken."""

    def __init__(self) -> None:
        self._stack: list[_Element] = []
        self._elements = 0
        self._root: object = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if len(self._stack) > DEPTH_MAX:
            raise NotXml("nested too deeply")
        if self._elements > VALUES_MAX:
            raise NotXml("more than can be read")
        meaning = ATTRIBUTES.get(tuple(attributes.items()))
        if meaning is None or name.startswith("{"):
            raise NotXml("XML with name spaces or unknown attributes")
        is_list, is_null = meaning
        self._stack.append(
            _Element(name, is_list=is_list or (name in LISTS and not is_null), is_null=is_null)
        )

    def data(self, text: str) -> None:
        self._stack[-1].texts.append(text)

    def end(self, _: str) -> None:
        element = self._stack.pop()
        if self._stack:
            self._stack[-1].members.append((element.name, element.value()))
        else:
            self._root = element.value() or {}

    def comment(self, _: str) -> None:
        raise NotXml("XML with comments")

    def pi(self, _: str, __: str | None = None) -> None:
        raise NotXml("XML with instructions")

    def close(self) -> object:
        return self._root
