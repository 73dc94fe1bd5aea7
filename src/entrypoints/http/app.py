"""The HTTP application: API routes, pages, and the guards before all of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader
from litestar import Litestar
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.exceptions import HTTPException, InternalServerException
from litestar.handlers import BaseRouteHandler
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig
from litestar.types import ControllerRouterHandler

from domain.errors import DomainError
from entrypoints.http.api.admin import admin_routes
from entrypoints.http.api.alerts import alert_routes
from entrypoints.http.api.archive import archive_routes
from entrypoints.http.api.dead_letters import dead_letter_routes, refused_webhook_routes
from entrypoints.http.api.discrepancies import discrepancy_routes, resolution_routes
from entrypoints.http.api.disputes import dispute_routes
from entrypoints.http.api.enrolments import enrolment_routes
from entrypoints.http.api.forms import form_token
from entrypoints.http.api.gateway import bank_routes
from entrypoints.http.api.gateway_config import gateway_config_routes
from entrypoints.http.api.gst import gst_routes
from entrypoints.http.api.jobs import job_routes
from entrypoints.http.api.monitoring import monitoring_routes
from entrypoints.http.api.payment import payment_routes
from entrypoints.http.api.payment_search import search_routes
from entrypoints.http.api.privacy import privacy_routes
from entrypoints.http.api.proof import proof_routes
from entrypoints.http.api.receipt import receipt_routes
from entrypoints.http.api.reconciliation_runs import run_routes
from entrypoints.http.api.refunds import refund_routes
from entrypoints.http.api.reviews import review_routes
from entrypoints.http.api.server_keys import server_key_routes
from entrypoints.http.api.settlements import settlement_routes
from entrypoints.http.api.staff import staff_routes
from entrypoints.http.api.webhooks import webhook_routes
from entrypoints.http.api_versions import known_version
from entrypoints.http.console.routes import CONSOLE_ROUTES
from entrypoints.http.dependencies import Dependencies, provide_dependencies
from entrypoints.http.error_responses import (
    answer_anything,
    answer_domain_error,
    answer_http_error,
    answer_no_file,
    answer_refusal,
    answer_too_deep,
)
from entrypoints.http.event_streams import EventStreams
from entrypoints.http.favicon import favicon
from entrypoints.http.health import live, ready
from entrypoints.http.json_request import JsonRequest
from entrypoints.http.methods import HeadAsGet
from entrypoints.http.openapi import described
from entrypoints.http.pages.check import check_document
from entrypoints.http.pages.checkout import checkout_routes
from entrypoints.http.pages.courses import course_list
from entrypoints.http.pages.demo_sign_in import demo_routes
from entrypoints.http.pages.history import history as history_page
from entrypoints.http.pages.language import choose_language
from entrypoints.http.pages.live_updates import payment_events
from entrypoints.http.pages.payment import payment_page_routes
from entrypoints.http.pages.problem import problem_page
from entrypoints.http.pages.result import result, try_again
from entrypoints.http.pages.sessions import sessions_routes
from entrypoints.http.pages.sign_in import session_routes
from entrypoints.http.problems import HttpProblem
from entrypoints.http.query_parameters import QueryParameters, known_parameters
from entrypoints.http.security.audited_reads import note_reading
from entrypoints.http.security.browser_session import SessionCookies
from entrypoints.http.security.cross_origin import CrossOrigin
from entrypoints.http.security.failed_authentication import FailedAuthentication
from entrypoints.http.security.guards import (
    Connection,
    Identify,
    allowed,
    from_our_own_pages,
    json_only,
    public,
    within_budget,
)
from entrypoints.http.security.headers import Outermost
from entrypoints.http.security.identity import TokenReader
from entrypoints.http.security.rate_limits import limits_of
from entrypoints.http.webhook_entrance import WebhookEntrance
from entrypoints.settings.settings import Settings
from entrypoints.telemetry.telemetry import OFF, Telemetry

HERE: Final = Path(__file__).parent
STATIC_KEPT_SECONDS: Final = 300
CHECKS: Final = (
    within_budget,
    known_version,
    json_only,
    from_our_own_pages,
    allowed,
    known_parameters,
    note_reading,
)
"""What is checked before a route is run, in this order."""


async def checked(connection: Connection, handler: BaseRouteHandler) -> None:
    """Run all checks, as one guard: the framework makes a copy of the handler for each guard."""
    for check in CHECKS:
        await check(connection, handler)


def create_app(deps: Dependencies, telemetry: Telemetry = OFF) -> Litestar:
    """Return the application with *deps*; it answers once its lifespan has started."""
    app = new_app(deps.settings, telemetry)
    install(deps, app)
    return app


def new_app(settings: Settings, telemetry: Telemetry = OFF) -> Litestar:
    """Return all routes and the checks before them; they answer only after ``install``."""
    app = Litestar(
        route_handlers=_routes(settings),
        dependencies={"deps": Provide(provide_dependencies, sync_to_thread=False)},
        middleware=[Identify],
        guards=[checked],
        exception_handlers={
            DomainError: answer_domain_error,
            HttpProblem: answer_refusal,
            HTTPException: answer_http_error,
            RecursionError: answer_too_deep,
            Exception: answer_anything,
        },
        lifespan=[_lifespan],
        template_config=TemplateConfig(instance=JinjaTemplateEngine.from_environment(_templates())),
        openapi_config=described(settings),
        request_max_body_size=settings.body_limit_bytes,
        logging_config=None,
        debug=False,
        request_class=JsonRequest,
    )
    app.state.telemetry = telemetry
    app.state.query_parameters = QueryParameters.of(app)
    routed = CrossOrigin.around(HeadAsGet(app.asgi_handler), app, settings)
    inner = WebhookEntrance(routed, app, settings.webhook_body_limit_bytes)
    app.asgi_handler = Outermost.around(inner, settings, telemetry)
    return app


def install(deps: Dependencies, app: Litestar) -> None:
    """
    Let *app*, made for the same settings, work with *deps*.

    Nothing is kept of what was installed before: neither browser sessions nor rate limits.
    """
    settings, limits = deps.settings, limits_of(deps.settings)
    app.state.update(
        deps=deps,
        session_cookies=SessionCookies.of(settings),
        tokens=TokenReader.of(settings),
        limits=limits,
        failed_authentication=FailedAuthentication(limits),
        event_streams=EventStreams.of(settings),
    )


def _routes(settings: Settings) -> list[ControllerRouterHandler]:
    static = create_static_files_router(
        "/static",
        directories=[HERE / "static"],
        opt=public(None, for_everybody=True),
        cache_control=CacheControlHeader(public=True, max_age=STATIC_KEPT_SECONDS),
        include_in_schema=False,
        # A name that no file system has: with a null character, or too long.
        exception_handlers={ValueError: answer_no_file, InternalServerException: answer_no_file},
    )
    return [
        favicon,
        payment_routes,
        receipt_routes,
        enrolment_routes,
        settlement_routes,
        *bank_routes(settings),
        admin_routes,
        refund_routes,
        dispute_routes,
        search_routes,
        proof_routes,
        review_routes,
        discrepancy_routes,
        resolution_routes,
        run_routes,
        monitoring_routes,
        alert_routes,
        dead_letter_routes,
        refused_webhook_routes,
        webhook_routes,
        server_key_routes,
        privacy_routes,
        gst_routes,
        archive_routes,
        job_routes,
        staff_routes,
        gateway_config_routes,
        form_token,
        live,
        ready,
        static,
        course_list,
        checkout_routes,
        history_page,
        payment_page_routes,
        payment_events,
        result,
        try_again,
        check_document,
        problem_page,
        choose_language,
        session_routes,
        sessions_routes,
        *CONSOLE_ROUTES,
        *demo_routes(settings),
    ]


@cache
def _templates() -> Environment:
    """
    Return the templates, which are compiled once for all applications of a process.

    The words of each page come with the page, in the language of whoever asks.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return environment


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    deps: Dependencies = app.state.deps
    await deps.process.start()
    try:
        yield
    finally:
        app.state.event_streams.close()
        await app.state.limits.close()
        await deps.process.stop()
