"""The keys of the cipher, as an operator writes them: ``id:base64`` each, the first one active."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

KEY_BYTES: Final = 32
KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")


class KeysWrong(ValueError):
    """These are no keys to seal with; the message says what would be, and repeats none of them."""


@dataclass(frozen=True, slots=True)
class CipherKeys:
    """Keys by their id; *active* seals, all of them open."""

    active: str
    by_id: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, written: str) -> Self:
        """Return the keys in *written*, which commas or line ends part, or raise ``KeysWrong``."""
        keys: dict[str, bytes] = {}
        for each in filter(None, (part.strip() for part in re.split(r"[,\n]", written))):
            key_id, _, text = each.partition(":")
            if not KEY_ID.fullmatch(key_id):
                raise KeysWrong(
                    "write each key as id:base64; an id is 1 to 32 of A-Z a-z 0-9 . _ -"
                )
            if key_id in keys:
                raise KeysWrong("name each key once; two have the same id")
            keys[key_id] = _key(text.strip())
        if not keys:
            raise KeysWrong("write at least one key as id:base64")
        return cls(next(iter(keys)), keys)

    @property
    def texts(self) -> frozenset[str]:
        """The keys as they were written, for those who must keep them out of sight."""
        return frozenset(base64.b64encode(key).decode() for key in self.by_id.values())


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise KeysWrong("write the key behind its id in base64: openssl rand -base64 32") from None
    if len(key) != KEY_BYTES:
        raise KeysWrong(f"a key is exactly {KEY_BYTES} bytes: openssl rand -base64 32")
    return key
