"""Read forms of unknown senders as a value: brackets in a name make objects and lists."""

import re
from typing import Final
from urllib.parse import parse_qsl

from adapters.hdfc.formats.body_limits import DEPTH_MAX, VALUES_MAX, UnreadableBody

_ENCODED: Final = re.compile(r"(?:[!-$&-~]++|%[0-9A-Fa-f]{2})*+")
_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]+\])*)")
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,4}")


class NotForm(UnreadableBody):
    """The text is not a form, or not within these rules."""


def read_form(body: bytes) -> object:
    """
    Return the value of *body*; every value stays text.

    ``card[card_brand]`` is a member of an object, ``refunds[0][amount]`` of a list. The indexes of a list ascend and
    may skip empty entries. A dot is part of a name. Raises ``NotForm`` unless *body* is percent-encoded UTF-8 within
    ``body_limits`` and no name has two values.
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
    inside = root
    for name in within:
        inner = inside.setdefault(name, {})
        if not isinstance(inner, dict):
            raise NotForm("a key is repeated")
        inside = inner
    if last in inside:
        raise NotForm("a key is repeated")
    inside[last] = value


def _with_lists(value: object) -> object:
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(each) for name, each in value.items()}
    if not any(_INDEX.fullmatch(name) for name in inner):
        return inner
    if not all(_INDEX.fullmatch(name) for name in inner) or list(inner) != sorted(inner, key=int):
        raise NotForm("a list is out of order")
    return list(inner.values())
