"""The keys of the cipher, as an operator writes them: ``id:base64`` each, the active one first."""

import base64
import binascii
import re
from typing import Final

from entrypoints.settings.values import SettingUnreadable
from ports.cipher import CipherKeys

KEY_BYTES: Final = 32
KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")


def parse_cipher_keys(written: str) -> CipherKeys:
    """
    Return the keys in *written*, separated by commas or line ends, or raise ``SettingUnreadable``.

    The message says what would be a key, and repeats nothing of what was written.
    """
    keys: dict[str, bytes] = {}
    for each in filter(None, (part.strip() for part in re.split(r"[,\n]", written))):
        key_id, _, text = each.partition(":")
        if not KEY_ID.fullmatch(key_id):
            raise SettingUnreadable(
                "write each key as id:base64; an id is 1 to 32 of A-Z a-z 0-9 . _ -"
            )
        if key_id in keys:
            raise SettingUnreadable("name each key once; two have the same id")
        keys[key_id] = _key(text.strip())
    if not keys:
        raise SettingUnreadable("write at least one key as id:base64")
    return CipherKeys(next(iter(keys)), keys)


def texts_of(keys: CipherKeys) -> frozenset[str]:
    """Return the keys as they were written, for those who must keep them out of sight."""
    return frozenset(base64.b64encode(key).decode() for key in keys.by_id.values())


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise SettingUnreadable(
            "write the key behind its id in base64: openssl rand -base64 32"
        ) from None
    if len(key) != KEY_BYTES:
        raise SettingUnreadable(f"a key is exactly {KEY_BYTES} bytes: openssl rand -base64 32")
    return key
