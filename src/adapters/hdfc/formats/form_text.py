"""Foreign forms as the value they stand for: brackets nest, and nothing is guessed."""

import re
from typing import Final
from urllib.parse import parse_qsl

from adapters.hdfc.formats.unreadable import DEPTH_MAX, VALUES_MAX, Unreadable

_ENCODED: Final = re.compile(r"(?:[!-$&-~]++|%[0-9A-Fa-f]{2})*+")
_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]+\])*)")
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,4}")


class NotForm(Unreadable):
    """The text is not a form that we are willing to read."""


def read_form(body: bytes) -> object:
    """
    Return what *body* says, every value the text it was written as.

    ``card[card_brand]`` lies in an object, ``refunds[0][amount]`` in a list, whose numbers ascend but
    may leave out what was empty; a dot is part of a name, as in the bank's own. Raises ``NotForm`` for anything but
    percent-encoded UTF-8 of bounded depth and size in which no name stands for two values.
    """
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=VALUES_MAX,
        )
    except ValueError:
        raise NotForm("not a form, or more than can be read") from None
    if not _ENCODED.fullmatch(text):
        raise NotForm("not a form")
    root: dict[str, object] = {}
    for name, value in pairs:
        _put(root, _path(name), value)
    return {name: _with_lists(value) for name, value in root.items()}


def _path(name: str) -> list[str]:
    found = _NAME.fullmatch(name)
    if found is None:
        raise NotForm("a name is not a name")
    path = [found[1], *found[2][1:-1].split("][")] if found[2] else [found[1]]
    if len(path) > DEPTH_MAX:
        raise NotForm("nested too deeply")
    return path


def _put(root: dict[str, object], path: list[str], value: str) -> None:
    *within, last = path
    place = root
    for name in within:
        inner = place.setdefault(name, {})
        if not isinstance(inner, dict):
            raise NotForm("a key is repeated")
        place = inner
    if last in place:
        raise NotForm("a key is repeated")
    place[last] = value


def _with_lists(value: object) -> object:
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(each) for name, each in value.items()}
    if not any(_INDEX.fullmatch(name) for name in inner):
        return inner
    if not all(_INDEX.fullmatch(name) for name in inner) or list(inner) != sorted(inner, key=int):
        raise NotForm("a list is out of order")
    return list(inner.values())
