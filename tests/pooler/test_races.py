"""Races of payments, refunds and document numbers once more behind a pooler, and a worker that is killed there."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

import pytest
import pytest_asyncio

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database
from contracts.payments.gateway_simulator import Simulator
from fault_injection.interactions import Fault
from fault_injection.test_killed_worker import (
    APPLY,
    RealServices,
    services,
    simulator,
)
from fault_injection.test_killed_worker import (
    test_a_killed_workers_successor_finishes_its_work as successor_finishes,
)
from pooler.conftest import behind_a_pooler
from races.test_apply_order_status import (
    test_callback_webhook_and_status_at_once_settle_once,
    test_twenty_settles_that_all_saw_it_pending_settle_once,
)
from races.test_document_numbers import (
    CROWD,
    test_fifty_at_once_get_fifty_numbers,
    test_fifty_issuers_of_one_sale_issue_one_invoice,
)
from races.test_initiate_payment import (
    test_of_many_initiations_at_once_one_opens_a_payment,
    test_one_key_twenty_times_at_once_opens_one_payment,
)
from races.test_polling import test_many_pollers_share_the_questions
from races.test_refunds import (
    test_many_officers_give_back_all_and_no_more,
    test_refund_and_webhook_meet,
)
from races.test_totp_codes import test_one_code_authorises_one_of_two_acts_that_meet
from worlds.postgres import HandClock, PostgresWorld

FIXTURES: Final = (services, simulator)
RACES: Final = (
    test_of_many_initiations_at_once_one_opens_a_payment,
    test_one_key_twenty_times_at_once_opens_one_payment,
    test_callback_webhook_and_status_at_once_settle_once,
    test_twenty_settles_that_all_saw_it_pending_settle_once,
    test_many_pollers_share_the_questions,
    test_many_officers_give_back_all_and_no_more,
    test_refund_and_webhook_meet,
    test_one_code_authorises_one_of_two_acts_that_meet,
    test_fifty_at_once_get_fifty_numbers,
    test_fifty_issuers_of_one_sale_issue_one_invoice,
)
"""They are run here because this module holds them, with its own way to the database."""


@pytest_asyncio.fixture
async def crowded(pooled_url: str) -> AsyncIterator[Database]:
    """A way to the pooler with a connection for each of a crowd, of whom few have a server at once."""
    database = Database.connect(replace(behind_a_pooler(pooled_url), pool_size=CROWD))
    yield database
    await database.close()


@pytest.fixture
def world(crowded: Database) -> PostgresWorld:
    return PostgresWorld.open(crowded, FakeGateway(), HandClock())


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
async def test_a_worker_killed_behind_a_pooler_is_succeeded(
    services: RealServices, simulator: Simulator, pooled_url: str, fault: Fault
) -> None:
    """
    Its statement is undone or done as a whole, and the server connection that it had serves the next one.
    """
    variables = services.variables | {
        "SHULK_DATABASE_URL": pooled_url,
        "SHULK_DATABASE_POOLER": "transaction",
    }
    await successor_finishes(replace(services, variables=variables), simulator, fault, APPLY, 1)
