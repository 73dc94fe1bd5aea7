"""The console's monitoring: figures of a period, how the installation does, alerts, and the latest payments."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from application.monitoring.read_figures import FiguresRange
from domain.business_day import business_day_of
from domain.errors import DomainError
from domain.monitoring.alert_case import (
    TEXT_MAX,
    AlertCase,
    AlertId,
    AlertNotFiring,
    SilenceRefused,
)
from domain.monitoring.alert_rules import Unit
from domain.monitoring.payment_outcome import PaymentOutcome
from domain.staff.access import Permission
from domain.text.card_number import CardNumberRefused
from entrypoints.http import problem_types
from entrypoints.http.api.system_view import system_view
from entrypoints.http.console import charts
from entrypoints.http.console.console_page import console_page, opened
from entrypoints.http.console.places import ACKNOWLEDGE, MONITORING, SILENCE
from entrypoints.http.console.words import PAYMENT_WORDS, method_word, plain_words
from entrypoints.http.dependencies import Dependencies, Deps
from entrypoints.http.page import PageRequest, on_day
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.guards import origin_of_request
from entrypoints.http.security.identity import Caller
from ports.audit_log import Source
from ports.payments.payment_search import PaymentFilter

LATEST: Final = 10
SHOWN_RESOLVED: Final = 5
HOURS: Final = {"1": "1 hour", "4": "4 hours", "8": "8 hours", "24": "24 hours"}
RANGES: Final[Mapping[FiguresRange, str]] = {
    FiguresRange.DAY: "24 hours",
    FiguresRange.WEEK: "7 days",
    FiguresRange.MONTH: "30 days",
}
FAULTS: Final = (AlertNotFiring, SilenceRefused, CardNumberRefused)
MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
By = Request[Caller, Any, Any]


@get(MONITORING, opt=opened("GET", MONITORING), include_in_schema=False)
async def monitoring(request: PageRequest, deps: Deps) -> Template:
    """Show all of it for the period that is asked for."""
    asked = request.query_params.get("range", FiguresRange.DAY.value)
    if asked not in set(FiguresRange):
        raise HttpProblem(problem_types.REQUEST_INVALID, "There is no such period.")
    return await _shown(request, deps, FiguresRange(asked))


@post(
    ACKNOWLEDGE, status_code=HTTPStatus.OK, opt=opened("POST", ACKNOWLEDGE), include_in_schema=False
)
async def acknowledge(request: By, alert_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Take the alert on."""
    form = await request.form()
    origin = origin_of_request(request, Source.ADMIN)
    note = str(form.get("note", ""))
    try:
        await deps.monitoring.answer_alerts.acknowledge(AlertId(alert_id), note, origin)
    except FAULTS as refusal:
        return await _refused(request, deps, alert_id, refusal)
    return Redirect(f"{MONITORING}#alerts", status_code=HTTP_303_SEE_OTHER)


@post(SILENCE, status_code=HTTPStatus.OK, opt=opened("POST", SILENCE), include_in_schema=False)
async def silence(request: By, alert_id: FromPath[str], deps: Deps) -> Response[Any]:
    """Silence the alert for the hours that were chosen."""
    form = await request.form()
    hours = str(form.get("hours", ""))
    if hours not in HOURS:
        raise HttpProblem(problem_types.REQUEST_INVALID, "Choose for how long.")
    origin = origin_of_request(request, Source.ADMIN)
    until = deps.clock.now() + timedelta(hours=int(hours))
    reason = str(form.get("reason", ""))
    try:
        await deps.monitoring.answer_alerts.silence(AlertId(alert_id), until, reason, origin)
    except FAULTS as refusal:
        return await _refused(request, deps, alert_id, refusal)
    return Redirect(f"{MONITORING}#alerts", status_code=HTTP_303_SEE_OTHER)


async def _refused(
    request: By, deps: Dependencies, alert: str, refusal: DomainError
) -> Response[Any]:
    fault = problem_of(refusal).detail
    return await _shown(request, deps, FiguresRange.DAY, fault=fault, fault_of=alert)


async def _shown(
    request: Request[Any, Any, Any],
    deps: Dependencies,
    asked: FiguresRange,
    *,
    fault: str = "",
    fault_of: str = "",
) -> Template:
    figures = await deps.monitoring.figures(asked)
    alerts = await deps.monitoring.alerts.all()
    latest = await deps.search.find(PaymentFilter(), at_most=LATEST)
    at, caller = deps.clock.now(), request.user
    return console_page(
        request,
        "monitoring.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        asked=asked,
        ranges=RANGES,
        figures=figures,
        rate=figures.success_rate,
        outcome=PaymentOutcome,
        strip=charts.columns(figures.strip),
        busiest=charts.busiest(figures.strip),
        methods=charts.bars(figures.methods),
        reasons=charts.bars(figures.reasons),
        charts=charts,
        gateway=await deps.monitoring.figures.gateway(asked),
        system=await system_view(deps),
        open_alerts=[each for each in alerts if each.is_open],
        resolved=[each for each in alerts if not each.is_open and each.changes][:SHOWN_RESOLVED],
        may_answer=caller.may(Permission.ANSWER_ALERTS),
        at=at,
        hours=HOURS,
        text_max=TEXT_MAX,
        fault=fault,
        fault_of=fault_of,
        latest=latest.items,
        states=PAYMENT_WORDS,
        method_word=method_word,
        plain_words=plain_words,
        seconds_word=seconds_word,
        measured=measured,
        last_day=last_day,
        per_cent=per_cent,
    )


def last_day(ends_at: datetime) -> str:
    """Return the day in India on which something ends."""
    return on_day(business_day_of(ends_at))


def measured(alert: AlertCase) -> str:
    """Return the value of the last measure in its unit."""
    match alert.terms.unit:
        case Unit.BASIS_POINTS:
            return per_cent(alert.value / 10_000)
        case Unit.SECONDS:
            return seconds_word(alert.value)
        case Unit.MILLISECONDS:
            return f"{alert.value} ms"
        case Unit.DAYS:
            return f"{alert.value} days"
        case Unit.COUNT:
            return str(alert.value)


def per_cent(share: float) -> str:
    """Return a share from 0 to 1 with one decimal."""
    return f"{100 * share:.1f} %"


def seconds_word(seconds: float) -> str:
    """Return a time as people say it, in its two largest units."""
    whole = int(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
