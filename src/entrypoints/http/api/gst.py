"""The return of a month for finance: written to a temporary file, then streamed."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from litestar import Request, Router, get
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from domain.business_day import business_day_of
from domain.gst_returns.return_period import ReturnPeriod
from domain.staff.access import Permission
from entrypoints.http import problem_types
from entrypoints.http.api.file_stream import WORKBOOK, streamed
from entrypoints.http.dependencies import Deps
from entrypoints.http.openapi_responses import ALWAYS, SIGNED_IN, refusals
from entrypoints.http.security.guards import opened_to, origin_of_request
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget
from ports.audit_log import Source
from ports.gst_returns.return_files import ReturnFormat

ENDINGS: Final = {
    ReturnFormat.JSON: "json",
    ReturnFormat.CSV: "zip",
    ReturnFormat.XLSX: "xlsx",
}
MEDIA_TYPES: Final = {
    ReturnFormat.JSON: "application/json",
    ReturnFormat.CSV: "application/zip",
    ReturnFormat.XLSX: WORKBOOK,
}
QUIET: Final = '{"gstin":"29AABCE5678K1Z2","fp":"112026","version":"GST3.2.2","hash":"hash"}'
SAID: Final = {
    int(HTTPStatus.OK): ResponseSpec(
        data_container=bytes,
        generate_examples=False,
        description="The return as a file",
        media_type="application/octet-stream",
        examples=[Example(summary="A quiet month as JSON", value=QUIET)],
    )
} | refusals(
    problem_types.PERIOD_INVALID,
    problem_types.RETURN_DOES_NOT_TIE,
    problem_types.REQUEST_INVALID,
    *ALWAYS,
)


@get(
    "/gstr1/{period:str}",
    opt=opened_to(Permission.EXPORT_RETURNS, Budget.STAFF),
    security=SIGNED_IN,
    summary="GSTR-1 of a month",
    operation_id="export_return",
    responses=SAID,
)
async def export_return(
    request: Request[Caller, Any, Any],
    period: FromPath[str],
    deps: Deps,
    format: Annotated[  # noqa: A002  # a refusal names the parameter as it was sent
        ReturnFormat,
        QueryParameter(
            description="`json` for the portal; the offline tool's sheets as `csv` files in an archive"
            " or as an `xlsx` workbook.",
        ),
    ] = ReturnFormat.JSON,
) -> Stream:
    """Return the month's GSTR-1 (`2026-11`), summed from the documents issued; refused unless it ties out."""
    month = ReturnPeriod.parse(period)
    month.check_begun(business_day_of(deps.clock.now()))
    origin = origin_of_request(request, Source.ADMIN)
    return await streamed(
        lambda file: deps.gst_returns.export_return(month, format, file, origin),
        f"gstr1-{deps.settings.seller_gstin}-{month}.{ENDINGS[format]}",
        MEDIA_TYPES[format],
    )


gst_routes = Router("/api/admin", route_handlers=[export_return], tags=["Returns"])
