"""Counts how often each line key has come, in a few bytes a line: a file of two million lines fits in memory."""

from array import array
from dataclasses import dataclass, field
from struct import Struct
from typing import Final

_HALVES: Final = Struct("=QQ")
"""128 bits of the SHA-256 tell keys apart: eight bytes say where to look, and with the other eight who it is."""

_FIRST_SLOTS: Final = 1 << 12


def _slots(many: int) -> "array[int]":
    return array("Q", bytes(8 * many))


@dataclass(slots=True)
class SeenKeys:
    """An open hash table of key prefixes; only keys that came twice are counted one by one."""

    _first: "array[int]" = field(default_factory=lambda: _slots(_FIRST_SLOTS))
    """Zero where a slot is free."""

    _second: "array[int]" = field(default_factory=lambda: _slots(_FIRST_SLOTS))
    _used: int = 0
    _again: dict[bytes, int] = field(default_factory=dict)

    def occurrence(self, key: bytes) -> int:
        """Return how often *key*, the bytes of a SHA-256, has come, this time included."""
        one, other = _HALVES.unpack_from(key)
        one = one or 1
        first, second = self._first, self._second
        mask = len(first) - 1
        slot = one & mask
        while found := first[slot]:
            if found == one and second[slot] == other:
                count = self._again.get(key, 1) + 1
                self._again[key] = count
                return count
            slot = (slot + 1) & mask
        first[slot], second[slot] = one, other
        self._used += 1
        if self._used * 3 > len(first) * 2:
            self._grow()
        return 1

    def _grow(self) -> None:
        slots = 2 * len(self._first)
        mask = slots - 1
        first, second = _slots(slots), _slots(slots)
        for one, other in zip(self._first, self._second, strict=True):
            if one:
                slot = one & mask
                while first[slot]:
                    slot = (slot + 1) & mask
                first[slot], second[slot] = one, other
        self._first, self._second = first, second
