"""A real worker process before a real bank, database and mail server is killed outright: its successor finishes."""

import asyncio
import base64
import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
import httpx
import pytest
import pytest_asyncio
from dependency_injector import providers

from application.notifications.relay_outbox import LEASE
from application.webhooks.manage_endpoints import NewEndpoint
from contracts.payments.gateway_simulator import Simulator, running_simulator
from domain.payments.payment import Payment
from entrypoints.settings.settings import load_settings
from entrypoints.wiring.container import build, close
from entrypoints.wiring.use_cases.use_cases import UseCases
from fakes.notifications.mail_server import MailServer, mail_server
from fault_injection.interactions import Fault
from fault_injection.test_apply_order_status import OPEN_NEWS, ORIGINAL, SOLD
from samples.hdfc.merchant import API_KEY, RESPONSE_KEY
from worlds.demo_platform import demo_platform
from worlds.postgres import ASHA, BY_STAFF, CODE, COURSE, HandClock, code, wanted
from worlds.processes.running import running
from worlds.settings import variables_with

WORKER: Final = "fault_injection.killed_worker"
LATER: Final = timedelta(hours=1)
TOLD: Final = {"payment.succeeded", "enrolment.started", "document.issued"}
HOOK: Final = ("simhook", "made-up-password")
ONCE: Final = [("success", "committed", True, 1, "done done done", 2, 1)]
APPLY: Final = (
    "apply payment, decision_basis, question, journal, entry, expectation, enrolment, outbox, audit_log,"
    " webhook_delivery, inbox"
)


@dataclass(frozen=True, slots=True)
class RealServices:
    """Real neighbours of our processes, and the settings by which these find them."""

    variables: dict[str, str]
    mail: MailServer
    watcher: "asyncpg.Connection[asyncpg.Record]"
    log: Path

    @asynccontextmanager
    async def process(self, ahead: timedelta = timedelta()) -> AsyncIterator[UseCases]:
        """The use cases of a process in here, whose clock may go *ahead* of the others'."""
        container = build(load_settings(self.variables))
        container.clock.override(providers.Object(HandClock(datetime.now(UTC) + ahead)))
        try:
            yield container.use_cases()
        finally:
            await close(container)

    def kept(self, file: str) -> bytes:
        return Path(self.variables["SHULK_FILES_FOLDER"], file[:2], file).read_bytes()

    async def worker_killed(self, fault: Fault, where: str) -> int:
        """Run a worker until it is killed *where*, and return how it ended."""
        with running(
            "worker", WORKER, fault, where, log=self.log, variables=self.variables
        ) as worker:
            return await asyncio.to_thread(worker.ended)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    keys = ("--api-key", API_KEY, "--response-key", RESPONSE_KEY)
    with running_simulator(tmp_path_factory.mktemp("simulator"), *keys) as running:
        yield running


@pytest_asyncio.fixture
async def services(
    simulator: Simulator, database_url: str, tmp_path: Path
) -> AsyncIterator[RealServices]:
    async with mail_server() as mail:
        variables = variables_with(
            database_url=database_url,
            files_folder=str(tmp_path / "files"),
            smtp_url=f"smtp://127.0.0.1:{mail.port}",
            gateway="simulator",
            gateway_url=simulator.url,
            merchant_id="SIMMERCHANT",
            payment_page_client_id="hdfcmaster",
            api_key=API_KEY,
            response_key=RESPONSE_KEY,
            webhook_user=HOOK[0],
            webhook_password=HOOK[1],
        )
        watcher = await asyncpg.connect(database_url)
        try:
            yield RealServices(variables, mail, watcher, tmp_path / "worker.log")
        finally:
            await watcher.close()


async def charged(services: RealServices, simulator: Simulator) -> Payment:
    """Asha opened a page, paid, and the bank's event lies in the inbox."""
    async with (
        services.process() as ours,
        httpx.AsyncClient(trust_env=False, verify=False) as control,
    ):
        await ours.catalogue().replace_courses()([COURSE], BY_STAFF)
        await ours.catalogue().replace_discounts()([code()], BY_STAFF)
        payment: Payment = await ours.checkout().initiate_payment()(wanted(code=CODE))
        answer = await control.post(
            f"{simulator.url}/_control/orders/{payment.id}/pay", json={"webhooks": False}
        )
        answer.raise_for_status()
        said = {"order": {"order_id": payment.id, "status": "CHARGED", "status_id": 21}}
        event = {"id": "evt_1", "event_name": "ORDER_SUCCEEDED", "content": said}
        sender = base64.b64encode(":".join(HOOK).encode()).decode()
        await ours.evidence().receive_webhook()(
            {"authorization": f"Basic {sender}"}, json.dumps(event).encode()
        )
    return payment


@pytest.mark.parametrize(
    ("fault", "where", "copies"),
    [
        (Fault.CRASH_AFTER, "gateway.read_order", 1),
        (Fault.CRASH_BEFORE, APPLY, 1),
        (Fault.CRASH_AFTER, APPLY, 1),
        (Fault.CRASH_AFTER, "files.put", 1),
        (Fault.CRASH_AFTER, "mail.send", 2),
    ],
)
async def test_a_killed_workers_successor_finishes_its_work(
    services: RealServices, simulator: Simulator, fault: Fault, where: str, copies: int
) -> None:
    """
    One sale, one enrolment, one email with the invoice that was filed. An email that the mail server
    had taken comes again, under the same Message-ID.
    """
    payment = await charged(services, simulator)

    assert await services.worker_killed(fault, where) == -signal.SIGKILL

    async with services.process(ahead=LATER) as successor:
        await _work_off(successor)
    assert [tuple(row) for row in await services.watcher.fetch(SOLD, payment.id)] == ONCE
    assert await services.watcher.fetchval(OPEN_NEWS, payment.id) == 0
    assert [email["To"] for email in services.mail.letters] == [ASHA.email] * copies
    assert len({email["Message-ID"] for email in services.mail.letters}) == 1
    filed = await services.watcher.fetchval(ORIGINAL, payment.id)
    content = services.kept(filed)
    assert content.startswith(b"%PDF-")
    for email in services.mail.letters:
        assert [
            (file.get_filename(), file.get_content_type(), file.get_content())
            for file in email.iter_attachments()
        ] == [("INV-2627-0000001.pdf", "application/pdf", content)]


@pytest.mark.thorough
async def test_a_killed_workers_webhooks_arrive_and_have_their_effect_once(
    services: RealServices, simulator: Simulator, tmp_path: Path
) -> None:
    """
    What it had sent without a word to anybody comes again under its id, and so does all that is replayed.
    """
    with demo_platform(tmp_path) as platform:
        async with services.process() as ours:
            added = (
                await ours.webhooks()
                .manage_endpoints()
                .add(
                    NewEndpoint(
                        url=f"{platform.url}/webhooks",
                        types=frozenset(),
                        description="The demo's platform",
                        origin=BY_STAFF,
                    )
                )
            )
        platform.secret_file.write_text(added.secret, encoding="ascii")
        payment = await charged(services, simulator)

        killed = await services.worker_killed(Fault.CRASH_AFTER, "webhooks.send")
        sent = platform.shown()["events"]
        # The invoice may have been begun too, and is leased for longer than a call.
        async with services.process(ahead=LEASE) as successor:
            await _work_off(successor)
        once = platform.shown()
        async with services.process(ahead=LEASE) as successor:
            now = datetime.now(UTC)
            replayed = (
                await successor.webhooks()
                .manage_endpoints()
                .replay(added.endpoint.id, now - LATER, now + LATER, BY_STAFF)
            )
            await _work_off(successor)
        twice = platform.shown()

    assert (killed, bool(sent)) == (-signal.SIGKILL, True)
    assert {each["type"] for each in once["events"]} == TOLD
    assert sum(each["times"] for each in once["events"]) > len(TOLD) == replayed
    assert {each["id"]: each["times"] + 1 for each in once["events"]} == {
        each["id"]: each["times"] for each in twice["events"]
    }
    opened = [{"student_id": ASHA.id, "course_id": payment.course}]
    assert once["courses"] == twice["courses"] == opened


async def _work_off(successor: UseCases) -> None:
    while (
        await successor.evidence().process_inbox()()
        + await successor.notifications().relay_outbox()()
        + await successor.webhooks().relay_webhooks()()
    ):
        pass
