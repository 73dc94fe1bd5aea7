"""Read JSON of unknown senders: depth is limited, repeated keys are refused, numbers stay text."""

import json
import re
from typing import Final, NoReturn

from adapters.hdfc.formats.body_limits import DEPTH_MAX, UnreadableBody

_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class NotJson(UnreadableBody):
    """The text is not JSON, or not within these rules."""


def read_json(body: bytes) -> object:
    """
    Return the value of *body*; every number stays the text it was written as, so no amount becomes a float.

    A byte order mark is skipped. Raises ``NotJson`` unless *body* is UTF-8 JSON, at most ``DEPTH_MAX`` deep, without
    repeated keys.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotJson("not UTF-8") from None
    _refuse_depth(text)
    try:
        return json.loads(
            text,
            object_pairs_hook=_refuse_repeats,
            parse_float=str,
            parse_int=str,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError:
        raise NotJson("not JSON") from None


def _refuse_depth(text: str) -> None:
    depth = 0
    for token in _TOKENS.finditer(text):
        match token[0][0]:
            case "{" | "[":
                depth += 1
                if depth > DEPTH_MAX:
                    raise NotJson("nested too deeply")
            case "}" | "]":
                depth -= 1


def _refuse_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise NotJson("a key is repeated")
    return read


def _refuse_constant(_: str) -> NoReturn:
    raise NotJson("not a number")
