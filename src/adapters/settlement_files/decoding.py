"""How the bytes of a text file become characters: the whole file by one encoding, and never with replacements."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import BinaryIO, Final

from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

_CHUNK_BYTES: Final = 256 * 1024
_GUESSED_FROM_BYTES: Final = 256 * 1024
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """Its usual name, Python's codec, whether a byte-order mark tells it, and whether it is only a guess."""

    name: str
    codec: str
    bom: bool = False
    guessed: bool = False


def encoding_of(file: BinaryIO) -> Encoding:
    """
    Return the encoding that reads the whole of *file*, and rewind it.

    A byte-order mark decides; then strict UTF-8; then Windows-1252; then a guess. Refuses the file when none does.
    """
    file.seek(0)
    head = file.read(4)
    for mark, name, codec in _MARKS:
        if head.startswith(mark):
            if not _reads(file, codec):
                raise SettlementFileRefused(
                    FileRefusal.NOT_DECODED, f"it has the mark of {name}, and is not {name}"
                )
            return Encoding(name, codec, bom=True)
    for name, codec in (("utf-8", "utf-8"), ("windows-1252", "cp1252")):
        if _reads(file, codec):
            return Encoding(name, codec)
    guess = _guess(file)
    if guess is None or not _reads(file, guess):
        raise SettlementFileRefused(FileRefusal.NOT_DECODED, "its characters cannot be read")
    return Encoding(guess, guess, guessed=True)


@contextmanager
def as_text(file: BinaryIO, encoding: Encoding) -> Iterator[TextIOWrapper]:
    """Give the characters of *file* from its beginning, line ends as they are; the file stays open."""
    file.seek(0)
    text = TextIOWrapper(file, encoding.codec, newline="")
    try:
        yield text
    finally:
        text.detach()


def _reads(file: BinaryIO, codec: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        while chunk := file.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except (UnicodeDecodeError, LookupError):
        return False
    finally:
        file.seek(0)
    return True


def _guess(file: BinaryIO) -> str | None:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - only a file that nothing else reads pays for it

    best = from_bytes(file.read(_GUESSED_FROM_BYTES)).best()
    file.seek(0)
    return None if best is None else best.encoding
