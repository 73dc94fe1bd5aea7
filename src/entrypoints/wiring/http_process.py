"""The HTTP process: its use cases, whether it is ready, and the schema that it requires."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from litestar import Litestar
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.breaker.circuit import CircuitState
from adapters.postgres import schema
from domain.errors import DomainError
from entrypoints.http.app import create_app
from entrypoints.http.dependencies import (
    CatalogueDependencies,
    CheckoutDependencies,
    DeadLetterDependencies,
    Dependencies,
    DiscrepancyDependencies,
    DocumentDependencies,
    EvidenceDependencies,
    GatewayConfigDependencies,
    GstReturnDependencies,
    JobDependencies,
    MonitoringDependencies,
    PrivacyDependencies,
    ProcessDependencies,
    ReconciliationDependencies,
    RefundDependencies,
    ReviewDependencies,
    SettlementDependencies,
    SignInDependencies,
    StaffDependencies,
    WebhookDependencies,
)
from entrypoints.jobs.backoff import back_off
from entrypoints.jobs.schedule import EVERY
from entrypoints.jobs.wakeup_sender import WakeupSender
from entrypoints.logs.setup import configure_logging
from entrypoints.settings.settings import Settings, load_settings
from entrypoints.telemetry.opening import open_telemetry
from entrypoints.wiring.container import Shulk, build, close
from ports.unit_of_work import StorageUnavailable

log = logging.getLogger(__name__)

OK: Final = "ok"
KEEP_CALLS_SECONDS: Final = 30.0
PROBE_SECONDS_MAX: Final = 2.0


def app() -> Litestar:
    """Return the whole HTTP application by the settings in the environment; the server's factory."""
    settings = load_settings(os.environ)
    configure_logging(settings)
    telemetry = open_telemetry(settings)
    container = build(settings, telemetry, fake_is_served=True)
    return create_app(dependencies_of(container), telemetry)


def end_process() -> None:
    """End this process at once: the server starts another in its place, which refuses to serve."""
    os._exit(1)


def dependencies_for(settings: Settings) -> Dependencies:
    """Return what the routes need, by *settings*; nothing is connected before its start."""
    return dependencies_of(build(settings))


def dependencies_of(container: Shulk) -> Dependencies:
    """Return what the routes need of *container*, which is closed at the end of the process."""
    settings, use_cases, storage = container.settings(), container.use_cases(), container.storage
    wake = WakeupSender(settings.redis_url) if settings.redis_url else None
    http_app = HttpApp(settings, container, wake)
    return Dependencies(
        settings=settings,
        clock=container.clock(),
        translations=container.translations(),
        process=ProcessDependencies(
            start=http_app.start,
            stop=http_app.stop,
            wake_workers=http_app.wake_workers,
            ready=http_app.ready,
        ),
        checkout=CheckoutDependencies(
            quote_course=use_cases.checkout().quote_course(),
            initiate_payment=use_cases.checkout().initiate_payment().answer,
            retry_payment=use_cases.checkout().retry_payment().answer,
            cancel_payment=use_cases.checkout().cancel_payment(),
            record_refusal=use_cases.checkout().record_refusal(),
            session_suspended_for=container.bank.session_suspended_for(),
            privacy_notice=container.privacy_notice(),
        ),
        payments=storage.payment_queries(),
        enrolments=storage.enrolments(),
        search=storage.payment_search(),
        audit=storage.audit_reads(),
        record_access=use_cases.audit().record_access(),
        ledger=storage.ledger(),
        evidence=EvidenceDependencies(
            receive_callback=use_cases.evidence().receive_callback(),
            check_webhook_sender=use_cases.evidence().receive_webhook().check_sender,
            receive_webhook=use_cases.evidence().receive_webhook(),
            check_status=use_cases.evidence().check_status(),
            read_suspended_for=container.bank.read_suspended_for(),
        ),
        refunds=RefundDependencies(
            authorise_refund=use_cases.refunds().authorise_refund(),
            queries=storage.refund_queries(),
        ),
        waiting_work=storage.waiting_work(),
        reviews=ReviewDependencies(
            resolve_review=use_cases.reviews().resolve_review(),
            queries=storage.review_queries(),
        ),
        discrepancies=DiscrepancyDependencies(
            resolve=use_cases.discrepancies().resolve_discrepancies(),
            decide=use_cases.discrepancies().decide_resolution(),
            queries=storage.discrepancies(),
            lines=storage.settlement_reads(),
            books=storage.book_reads(),
        ),
        reconciliation=ReconciliationDependencies(
            ask=use_cases.reconciliation().ask(),
            export=use_cases.reconciliation().export(),
            runs=storage.reconciliation_runs(),
        ),
        documents=DocumentDependencies(
            download_document=use_cases.documents().download_document(),
            register=storage.documents(),
            make_proof=use_cases.proof().make_proof(),
        ),
        catalogue=CatalogueDependencies(
            replace_courses=use_cases.catalogue().replace_courses(),
            replace_discounts=use_cases.catalogue().replace_discounts(),
            on_sale=storage.catalogue(),
        ),
        sign_in=SignInDependencies(
            begin_session=use_cases.sign_in().begin_session(),
            confirm_session=use_cases.sign_in().confirm_session(),
            end_sessions=use_cases.sign_in().end_sessions(),
            sessions=storage.browser_sessions(),
            authenticate_server=use_cases.sign_in().authenticate_server(),
            server_keys=storage.server_keys(),
            manage_server_keys=use_cases.sign_in().manage_server_keys(),
            refuse_suspended=use_cases.staff().refuse_suspended(),
        ),
        monitoring=MonitoringDependencies(
            alerts=storage.alerts(),
            answer_alerts=use_cases.monitoring().answer_alerts(),
            figures=use_cases.monitoring().read_figures(),
            health=storage.system_health(),
            credentials=use_cases.monitoring().watch_credentials(),
            jobs=EVERY,
        ),
        staff=StaffDependencies(
            accounts=use_cases.staff().manage_accounts(),
            reads=storage.staff(),
            show_student=use_cases.staff().show_student(),
        ),
        privacy=PrivacyDependencies(
            records=storage.personal_records(),
            export=use_cases.privacy().export(),
            plan=use_cases.privacy().erase().plan,
            erase=use_cases.privacy().authorise_erasure(),
            hold=use_cases.privacy().hold(),
        ),
        gateway_config=GatewayConfigDependencies(
            read=use_cases.gateway_config().read(),
            propose=use_cases.gateway_config().propose(),
            decide=use_cases.gateway_config().decide(),
            try_connection=use_cases.gateway_config().try_connection(),
            drafts=use_cases.gateway_config().drafts(),
        ),
        archive=use_cases.audit().list_archive(),
        jobs=JobDependencies(all=use_cases.jobs().jobs(), ask=use_cases.jobs().ask_job()),
        dead_letters=DeadLetterDependencies(
            outbox=storage.outbox(),
            requeue=use_cases.notifications().requeue_dead_letter(),
            close=use_cases.notifications().close_dead_letter(),
            inbox=storage.inbox(),
            dismiss_webhooks=use_cases.notifications().dismiss_webhooks(),
        ),
        webhooks=WebhookDependencies(
            manage=use_cases.webhooks().manage_endpoints(),
            endpoints=storage.endpoints(),
            deliveries=storage.deliveries(),
        ),
        gst_returns=GstReturnDependencies(export_return=use_cases.gst_returns().export_return()),
        settlements=SettlementDependencies(
            files=storage.settlement_files(),
            statements=storage.bank_statements(),
            preview=use_cases.settlements().preview_file(),
            import_file=use_cases.settlements().import_file(),
            import_statement=use_cases.settlements().import_statement(),
            release=use_cases.settlements().release_file(),
            compare=use_cases.settlements().compare_reissue(),
            take=use_cases.settlements().take_reissue(),
            decline=use_cases.settlements().decline_reissue(),
        ),
    )


@dataclass(frozen=True, slots=True)
class HttpApp:
    """One process that serves HTTP, as the application starts it, ends it, and asks whether it is ready."""

    settings: Settings
    container: Shulk
    wake: WakeupSender | None
    running: list[asyncio.Task[None]] = field(default_factory=list)
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    end: Callable[[], None] = end_process

    async def start(self) -> None:
        """
        Refuse to serve on a schema this version does not know.

        A database that is away is waited for meanwhile: the process answers, and is not ready.
        """
        try:
            await self._begin()
        except StorageUnavailable:
            self.running.append(asyncio.create_task(self._begin_later()))
        self.running.append(asyncio.create_task(self._keep_calls()))

    async def _begin(self) -> None:
        await schema.require_known(self.container.storage.database().engine)
        await self.container.refresh().start()

    async def _begin_later(self) -> None:
        """Begin once the database is there; on a schema that is not known, end so that a new process refuses it."""
        for failures in count(1):
            log.warning("database.unavailable", extra={"attempts": failures})
            await self.pause(back_off(failures))
            try:
                await self._begin()
            except StorageUnavailable:
                continue
            except schema.SchemaUnknown:
                self.end()
            return

    async def stop(self) -> None:
        await self.container.refresh().stop()
        for each in self.running:
            each.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        with suppress(DomainError):
            await self.container.keep_calls()()
        if self.wake is not None:
            await self.wake.close()
        await close(self.container)

    async def _keep_calls(self) -> None:
        """Write now and then which calls to the bank this process made."""
        while True:
            await asyncio.sleep(KEEP_CALLS_SECONDS)
            # What cannot be written now is written the next time.
            with suppress(DomainError):
                await self.container.keep_calls()()

    async def wake_workers(self) -> None:
        """Tell the workers that there is something to do; without Redis they find it themselves."""
        if self.wake is not None:
            await self.wake()

    async def ready(self) -> Mapping[str, str]:
        """Return for each part ``ok`` or what is wrong with it; names only, no addresses."""
        if self.settings.redis_url is None:
            return {"database": await self._database(), "gateway": self._gateway()}
        database, redis = await asyncio.gather(
            self._database(), self._redis(self.settings.redis_url)
        )
        return {"database": database, "redis": redis, "gateway": self._gateway()}

    async def _database(self) -> str:
        engine = self.container.storage.database().engine
        try:
            problem = await asyncio.wait_for(schema.problem_with(engine), PROBE_SECONDS_MAX)
        except (TimeoutError, DomainError) as error:
            return type(error).__name__
        return problem or OK

    def _gateway(self) -> str:
        states = self.container.bank.gateway().states()
        suspended = [
            operation for operation, state in states.items() if state != CircuitState.CLOSED
        ]
        return f"left alone: {', '.join(suspended)}" if suspended else OK

    async def _redis(self, url: str) -> str:
        client = Redis.from_url(url, socket_timeout=PROBE_SECONDS_MAX)
        try:
            await client.ping()
        except (RedisError, OSError, TimeoutError) as error:
            return type(error).__name__
        finally:
            await client.aclose()
        return OK
