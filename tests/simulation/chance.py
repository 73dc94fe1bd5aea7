"""All chance of one life, from one seed: a stream of its own for each thing that is left to chance."""

from io import BytesIO
from random import Random
from typing import Final

BYTES_AT_ONCE: Final = 4096


class Chance:
    """
    Streams by name, each drawn from the seed and its name alone.

    What one part of a life draws does not change what another draws. So a life of which something was left out stays
    the same in everything else, as far as that can be.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, Random] = {}
        self._bytes: dict[str, BytesIO] = {}

    def of(self, name: str) -> Random:
        """Return the stream called *name*; asked again, it goes on where it was."""
        if (stream := self._streams.get(name)) is None:
            # A text as a seed is hashed by the library itself, whatever PYTHONHASHSEED is.
            stream = self._streams[name] = Random(f"{self.seed}:{name}")  # noqa: S311 - not for secrets
        return stream

    def once(self, name: str) -> Random:
        """Return the beginning of the stream called *name*: the same draws each time."""
        return Random(f"{self.seed}:{name}")  # noqa: S311 - not for secrets

    def bytes_of(self, name: str, count: int) -> bytes:
        """Return the next *count* bytes of the stream called *name*."""
        if (kept := self._bytes.get(name)) is None:
            kept = self._bytes[name] = BytesIO()
        drawn = kept.read(count)
        while len(drawn) < count:
            kept = self._bytes[name] = BytesIO(self.of(name).randbytes(BYTES_AT_ONCE))
            drawn += kept.read(count - len(drawn))
        return drawn
