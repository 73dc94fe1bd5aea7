"""The console's import of courses and discount codes: a file is read and compared first, and then confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from domain.errors import ChangedMeanwhile
from entrypoints.catalogue_import.files import FAULTS_SHOWN, FileWrong
from entrypoints.http.console.catalogue import COURSES, DISCOUNTS, Item, Shelf
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import COURSE_IMPORT, DISCOUNT_IMPORT
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

FILE_BYTES_MAX: Final = 2_000_000
"""Larger files are for the command line: this one is sent twice, and held in memory whole."""

REQUEST_BYTES_MAX: Final = 3 * FILE_BYTES_MAX
"""What is a little too large is told at the form, and line ends may grow on their way back."""

TOO_LARGE: Final = (
    f"The file is larger than {FILE_BYTES_MAX // 1_000_000} MB, and nothing of it was taken: divide it, or use the "
    "command line."
)
FILE_NAME_MAX: Final = 100
ROWS_SHOWN: Final = 200
CHANGED: Final = "The catalogue was changed since the file was compared. It is compared anew below."
By = Request[Caller, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """What would come of one record: *differences* are a field, what it is and what it would be."""

    name: str
    is_new: bool
    differences: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedFile:
    """A file as it was read, and what is *known* of the same names; *fingerprint* stands for both."""

    name: str
    text: str
    items: Sequence[Item]
    known: Mapping[str, Item | None]
    fingerprint: str


@get(COURSE_IMPORT, opt=opened("GET", COURSE_IMPORT), include_in_schema=False)
async def course_import(request: By) -> Response[Any]:
    """Ask for a file of courses."""
    return _ask(request, COURSES)


@get(DISCOUNT_IMPORT, opt=opened("GET", DISCOUNT_IMPORT), include_in_schema=False)
async def discount_import(request: By) -> Response[Any]:
    """Ask for a file of discount codes."""
    return _ask(request, DISCOUNTS)


@post(
    COURSE_IMPORT,
    status_code=HTTPStatus.OK,
    request_max_body_size=REQUEST_BYTES_MAX,
    opt=opened("POST", COURSE_IMPORT, upload=True),
    include_in_schema=False,
)
async def import_courses(request: By, deps: Deps) -> Response[Any]:
    """Show what the file would change, or import it as it was shown."""
    return await _import(request, deps, COURSES)


@post(
    DISCOUNT_IMPORT,
    status_code=HTTPStatus.OK,
    request_max_body_size=REQUEST_BYTES_MAX,
    opt=opened("POST", DISCOUNT_IMPORT, upload=True),
    include_in_schema=False,
)
async def import_discounts(request: By, deps: Deps) -> Response[Any]:
    """Show what the file would change, or import it as it was shown."""
    return await _import(request, deps, DISCOUNTS)


async def _import(request: By, deps: Dependencies, shelf: Shelf) -> Response[Any]:
    form = await request.form()
    try:
        name, text = await _file(form)
        items = shelf.read_file(text, name, deps)
    except FileWrong as wrong:
        return _ask(request, shelf, wrong.faults)
    compared = await _compare(deps, shelf, name, text, items)
    confirmed = str(form.get("compared", ""))
    if confirmed == compared.fingerprint:
        try:
            origin = origin_of_request(request, Source.ADMIN)
            await shelf.replace(deps, items, origin, compared.known)
        except ChangedMeanwhile:
            compared = await _compare(deps, shelf, name, text, items)
        else:
            return Redirect(shelf.address, status_code=HTTP_303_SEE_OTHER)
    return _preview(request, shelf, compared, CHANGED if confirmed else "")


async def _compare(
    deps: Dependencies, shelf: Shelf, name: str, text: str, items: Sequence[Item]
) -> ComparedFile:
    names = [shelf.name_of(each) for each in items]
    found = await shelf.named(deps, names)
    known = {each: found.get(each) for each in names}
    fingerprint = shelf.fingerprint([*items, *known.values()])
    return ComparedFile(name=name, text=text, items=items, known=known, fingerprint=fingerprint)


async def _file(form: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and the text of the file that was sent, or that was shown and comes back."""
    upload = form.get("file")
    if isinstance(upload, UploadFile):
        name = upload.filename[-FILE_NAME_MAX:]
        raw = await upload.read(FILE_BYTES_MAX + 1)
    else:
        name = str(form.get("name", ""))[-FILE_NAME_MAX:]
        raw = str(form.get("text", "")).encode()
    if not raw:
        raise FileWrong(["Choose a file."])
    if len(raw) > FILE_BYTES_MAX:
        raise FileWrong([TOO_LARGE])
    try:
        return name, raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileWrong(["The file is not UTF-8 text."]) from None


def _ask(request: By, shelf: Shelf, faults: Sequence[str] = ()) -> Response[Any]:
    return console_page(
        request,
        "catalogue_import.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        shelf=shelf,
        faults=faults[:FAULTS_SHOWN],
        more=max(0, len(faults) - FAULTS_SHOWN),
        bytes_max=FILE_BYTES_MAX,
    )


def _preview(request: By, shelf: Shelf, file: ComparedFile, notice: str) -> Response[Any]:
    pairs = zip(file.items, file.known.values(), strict=True)
    rows = [_row(shelf, item, before) for item, before in pairs]
    changing = [row for row in rows if row.is_new or row.differences]
    return console_page(
        request,
        "catalogue_preview.html",
        status=HTTPStatus.CONFLICT if notice else HTTPStatus.OK,
        shelf=shelf,
        file=file,
        notice=notice,
        rows=changing[:ROWS_SHOWN],
        more=max(0, len(changing) - ROWS_SHOWN),
        added=sum(row.is_new for row in rows),
        changed=sum(bool(row.differences) for row in rows),
        same=len(rows) - len(changing),
    )


def _row(shelf: Shelf, item: Item, before: Item | None) -> ImportRow:
    now = shelf.record(item)
    if before is None:
        return ImportRow(name=now[shelf.key], is_new=True, differences=())
    was = shelf.record(before)
    labels = {field.name: field.label for field in shelf.fields}
    differences = [
        (labels[field], was[field], now[field]) for field in now if was[field] != now[field]
    ]
    return ImportRow(name=now[shelf.key], is_new=False, differences=differences)
