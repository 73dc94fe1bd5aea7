"""The console's lists of courses and discount codes, and the form that adds or changes one."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_303_SEE_OTHER

from domain.errors import ChangedMeanwhile, NotFound
from entrypoints.catalogue_import.fields import FieldWrong
from entrypoints.http.console.catalogue import COURSES, DISCOUNTS, LISTED_MAX, Shelf
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import COURSE, DISCOUNT
from entrypoints.http.console.places import COURSES as COURSE_LIST
from entrypoints.http.console.places import DISCOUNTS as DISCOUNT_LIST
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source

NAME_MAX: Final = 64
VALUE_MAX: Final = 2000
MEANWHILE: Final = "Somebody changed it while you did. Look at what it is now; sent again, what you typed replaces it."
By = Request[Caller, Any, Any]


@get(COURSE_LIST, opt=opened("GET", COURSE_LIST), include_in_schema=False)
async def courses(request: By, deps: Deps) -> Response[Any]:
    """Show all courses, those that are not on sale as well."""
    return await _list(request, deps, COURSES)


@get(DISCOUNT_LIST, opt=opened("GET", DISCOUNT_LIST), include_in_schema=False)
async def discounts(request: By, deps: Deps) -> Response[Any]:
    """Show all discount codes."""
    return await _list(request, deps, DISCOUNTS)


@get(COURSE, opt=opened("GET", COURSE), include_in_schema=False)
async def course(request: By, deps: Deps) -> Response[Any]:
    """Show one course in its form, or an empty form."""
    return await _item(request, deps, COURSES)


@get(DISCOUNT, opt=opened("GET", DISCOUNT), include_in_schema=False)
async def discount(request: By, deps: Deps) -> Response[Any]:
    """Show one discount code in its form, or an empty form."""
    return await _item(request, deps, DISCOUNTS)


@post(COURSE, status_code=HTTPStatus.OK, opt=opened("POST", COURSE), include_in_schema=False)
async def put_course(request: By, deps: Deps) -> Response[Any]:
    """Add or change the course; payments that have begun keep their price."""
    return await _put(request, deps, COURSES)


@post(DISCOUNT, status_code=HTTPStatus.OK, opt=opened("POST", DISCOUNT), include_in_schema=False)
async def put_discount(request: By, deps: Deps) -> Response[Any]:
    """Add or change the discount code; how often it was used stays counted."""
    return await _put(request, deps, DISCOUNTS)


async def _list(request: By, deps: Dependencies, shelf: Shelf) -> Response[Any]:
    items = await shelf.listed(deps)
    return console_page(
        request,
        "catalogue.html",
        shelf=shelf,
        items=[(address_of(shelf, shelf.name_of(each)), shelf.record(each)) for each in items],
        cut=len(items) == LISTED_MAX,
        may_write=request.user.may(shelf.write),
    )


async def _item(request: By, deps: Dependencies, shelf: Shelf) -> Response[Any]:
    named = request.query_params.get("name", "")
    if not named:
        usual = {field.name: field.usual for field in shelf.fields}
        return _form(request, shelf, usual, named="", seen=shelf.fingerprint([None]))
    item = (await shelf.named(deps, [shelf.normal(named)[:NAME_MAX]])).get(shelf.normal(named))
    if item is None:
        raise NotFound(shelf.one, "not one that there is")
    return _form(
        request,
        shelf,
        shelf.record(item),
        named=shelf.name_of(item),
        seen=shelf.fingerprint([item]),
    )


async def _put(request: By, deps: Dependencies, shelf: Shelf) -> Response[Any]:
    form = await request.form()
    named = shelf.normal(str(form.get("named", ""))[:NAME_MAX])
    fields = {
        field.name: str(form.get(field.name, "")).strip()[:VALUE_MAX] for field in shelf.fields
    }
    if named:
        fields[shelf.key] = named
    seen = str(form.get("seen", ""))
    try:
        item = shelf.parse(fields, deps)
    except FieldWrong as wrong:
        return _form(request, shelf, fields, named=named, seen=seen, wrong=wrong)
    name = shelf.name_of(item)
    known = (await shelf.named(deps, [name])).get(name)
    if known is not None and not named:
        taken = FieldWrong(shelf.key, f"there is a {shelf.one} of this name already")
        return _form(request, shelf, fields, named=named, seen=seen, wrong=taken)
    if seen == shelf.fingerprint([known]):
        try:
            origin = origin_of_request(request, Source.ADMIN)
            await shelf.replace(deps, [item], origin, {name: known})
        except ChangedMeanwhile:
            known = (await shelf.named(deps, [name])).get(name)
        else:
            return Redirect(address_of(shelf, name), status_code=HTTP_303_SEE_OTHER)
    fresh = shelf.fingerprint([known])
    return _form(request, shelf, fields, named=named, seen=fresh, fault=MEANWHILE)


def _form(
    request: By,
    shelf: Shelf,
    fields: Mapping[str, str],
    *,
    named: str,
    seen: str,
    wrong: FieldWrong | None = None,
    fault: str = "",
) -> Response[Any]:
    # A fault of what has no field of its own is told above the form.
    at_field = wrong is not None and wrong.field in {field.name for field in shelf.fields}
    if wrong is not None and not at_field:
        fault = f"{wrong}."
    status = HTTPStatus.OK
    if fault or wrong is not None:
        status = HTTPStatus.CONFLICT if fault == MEANWHILE else HTTPStatus.UNPROCESSABLE_ENTITY
    return console_page(
        request,
        "catalogue_item.html",
        status=status,
        shelf=shelf,
        fields=fields,
        named=named,
        address=address_of(shelf, named) if named else shelf.item_address,
        seen=seen,
        wrong=wrong if at_field else None,
        fault=fault,
        may_write=request.user.may(shelf.write),
    )


def address_of(shelf: Shelf, name: str) -> str:
    """Return where the item of that name is shown."""
    return f"{shelf.item_address}?{urlencode({'name': name})}"
