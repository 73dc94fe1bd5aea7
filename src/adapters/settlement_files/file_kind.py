"""What kind of file it is, by its name and by its first bytes: the two have to agree."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from enum import StrEnum
from typing import BinaryIO, Final

from adapters.settlement_files.limits import FILE_BYTES_MAX
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused


class FileKind(StrEnum):
    TEXT = "text"
    JSON = "json"
    XLSX = "xlsx"
    XLS = "xls"
    MT940 = "mt940"
    XML = "xml"


REPORT_ENDINGS: Final = {
    ".csv": FileKind.TEXT,
    ".txt": FileKind.TEXT,
    ".json": FileKind.JSON,
    ".xlsx": FileKind.XLSX,
    ".xls": FileKind.XLS,
}
STATEMENT_ENDINGS: Final = {
    ".csv": FileKind.TEXT,
    ".txt": FileKind.TEXT,
    ".xlsx": FileKind.XLSX,
    ".xls": FileKind.XLS,
    ".mt940": FileKind.MT940,
    ".940": FileKind.MT940,
    ".sta": FileKind.MT940,
    ".xml": FileKind.XML,
}
_SNIFFED: Final = 1024
_ZIP: Final = b"PK\x03\x04"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CALLED: Final = {
    FileKind.TEXT: "delimited text",
    FileKind.JSON: "JSON",
    FileKind.XLSX: "an Excel workbook (XLSX)",
    FileKind.XLS: "an Excel workbook (XLS)",
    FileKind.MT940: "MT940",
    FileKind.XML: "XML",
}


def file_kind(
    file: BinaryIO, name: str, endings: dict[str, FileKind], bytes_max: int = FILE_BYTES_MAX
) -> FileKind:
    """Return the kind of *file*; refuse one that is too large, empty, of another kind, or not as it is named."""
    size = file.seek(0, 2)
    file.seek(0)
    if size > bytes_max:
        raise SettlementFileRefused(FileRefusal.TOO_LARGE, f"at most {bytes_max} bytes are read")
    if size == 0:
        raise SettlementFileRefused(FileRefusal.NO_PRESET, "it is empty")
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    named = endings.get(ending)
    if named is None:
        raise SettlementFileRefused(
            FileRefusal.NAME_NOT_TAKEN, f"its name has to end in {', '.join(endings)}"
        )
    found = _sniffed(file.read(_SNIFFED))
    file.seek(0)
    if found is not None and found is not named:
        told = "HTML" if found == "html" else _CALLED[FileKind(found)]
        raise SettlementFileRefused(FileRefusal.WRONG_KIND, f"it is named {ending}, and is {told}")
    if found is None and named not in {FileKind.TEXT, FileKind.MT940}:
        raise SettlementFileRefused(
            FileRefusal.WRONG_KIND, f"it is named {ending}, and is not {_CALLED[named]}"
        )
    return named


def _sniffed(head: bytes) -> str | None:
    """Return the kind that the first bytes show beyond doubt, or None: text of some kind."""
    if head.startswith(_ZIP):
        return FileKind.XLSX
    if head.startswith(_COMPOUND):
        return FileKind.XLS
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        head = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    text = head.removeprefix(BOM_UTF8).lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta")):
        return "html"
    if text.startswith((b"<?xml", b"<document", b"<!doctype")):
        return "html" if b"<html" in text else FileKind.XML
    if text.startswith((b'{"', b"[{", b"[\n", b"[\r", b"{\n", b"{\r", b"{ ", b"[ ", b"{}", b"[]")):
        return FileKind.JSON
    return None
