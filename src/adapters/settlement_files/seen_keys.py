"""Counts how often each line key has come, in a few bytes a line: a file of two million lines fits in memory."""

from dataclasses import dataclass, field
from typing import Final

_KEPT_BYTES: Final = 16
"""128 bits of the SHA-256 tell keys apart."""

_FIRST_SLOTS: Final = 1 << 10
_EMPTY: Final = bytes(_KEPT_BYTES)


@dataclass(slots=True)
class SeenKeys:
    """An open hash table of key prefixes; only keys that came twice are counted one by one."""

    _table: bytearray = field(default_factory=lambda: bytearray(_FIRST_SLOTS * _KEPT_BYTES))
    _slots: int = _FIRST_SLOTS
    _used: int = 0
    _again: dict[bytes, int] = field(default_factory=dict)

    def occurrence(self, key: str) -> int:
        """Return how often *key*, a SHA-256 in hex, has come, this time included."""
        kept = bytes.fromhex(key[: 2 * _KEPT_BYTES])
        if self._put(kept):
            return 1
        count = self._again.get(kept, 1) + 1
        self._again[kept] = count
        return count

    def _put(self, kept: bytes) -> bool:
        """Put *kept* into the table unless it is there; whether it was not."""
        mask = self._slots - 1
        slot = int.from_bytes(kept[:8]) & mask
        table = self._table
        while True:
            at = slot * _KEPT_BYTES
            found = table[at : at + _KEPT_BYTES]
            if found == kept:
                return False
            if found == _EMPTY:
                break
            slot = (slot + 1) & mask
        table[at : at + _KEPT_BYTES] = kept
        self._used += 1
        if self._used * 3 > self._slots * 2:
            self._grow()
        return True

    def _grow(self) -> None:
        old = self._table
        self._slots *= 2
        self._table = bytearray(self._slots * _KEPT_BYTES)
        self._used = 0
        for at in range(0, len(old), _KEPT_BYTES):
            kept = bytes(old[at : at + _KEPT_BYTES])
            if kept != _EMPTY:
                self._put(kept)
