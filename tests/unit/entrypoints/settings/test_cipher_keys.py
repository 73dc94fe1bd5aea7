"""The cipher's keys as an operator writes them."""

import base64
from collections.abc import Mapping
from typing import Final

import pytest

from entrypoints.settings.cipher_keys import parse_cipher_keys, texts_of
from entrypoints.settings.values import SettingUnreadable

KEYS: Final[Mapping[str, bytes]] = {"new": bytes(range(32)), "old": bytes(range(32, 64))}


def written(key_id: str, key: bytes) -> str:
    return f"{key_id}:{base64.b64encode(key).decode()}"


def test_keys_are_read_in_their_order() -> None:
    """
    By commas or line by line; the first one encrypts.
    """
    for joint in (",", ", ", "\n", "\n\n"):
        keys = parse_cipher_keys(joint.join(written(each, KEYS[each]) for each in ("new", "old")))
        assert (keys.active, dict(keys.by_id)) == ("new", {n: KEYS[n] for n in ("new", "old")})
        assert texts_of(keys) == {base64.b64encode(key).decode() for key in KEYS.values()}
        assert not [text for text in texts_of(keys) if text in repr(keys)]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        " , ",
        "today",
        "today:",
        "today:not base64",
        "today:शुल्क",
        written("today", bytes(16)),
        written("today", bytes(33)),
        written("a b", bytes(32)),
        written("", bytes(32)),
        written("today", bytes(32)) + "," + written("today", bytes(32)),
    ],
)
def test_what_is_no_key_is_refused(wrong: str) -> None:
    """
    Missing, short, long, nameless or double; and the refusal repeats none of it.
    """
    with pytest.raises(SettingUnreadable) as refusal:
        parse_cipher_keys(wrong)
    assert not wrong.strip(", ") or wrong not in str(refusal.value)
