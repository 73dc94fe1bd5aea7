"""Whatever is sent, the answers are those of the interface's description, and the bank's routes change nothing."""

from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapters.hdfc.inbound.gateway_messages import HdfcMessages, WebhookCredentials
from samples.hdfc.merchant import merchant
from samples.hostile.entry import PASSWORD, USER, basic
from worlds.http import HttpWorld
from worlds.settings import settings_with

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
BANK: Final = WebhookCredentials(user=USER, password=PASSWORD)
WORLD: Final = HttpWorld(
    settings_with(limit_quote="999999/minute", limit_initiate="999999/minute"),
    messages=HdfcMessages(settings=merchant(), credentials=(BANK,)),
)
INTERFACE: Final = schemathesis.openapi.from_asgi("/api/docs/openapi.json", WORLD.app())
FROM_THE_BANK: Final = ("/callback", "/webhook")
EXAMPLES: Final = 25
"""For each route, beside the description's own examples and its every limit passed by one."""


def kept() -> str:
    """Return all that the bank's messages may not change by themselves."""
    store = WORLD.memory.store
    return repr((store.payments, store.enrolments, store.outbox, store.uses, store.audit))


@INTERFACE.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
def test_nothing_undescribed_is_answered(case: Any) -> None:
    """
    No failure of ours, no status, media type or field that the description does not hold.

    A webhook comes with the bank's own credentials, so that its body is looked at.
    """
    as_the_bank = {"Authorization": basic().decode()}
    allowed = WORLD.bearer("asha", "student", "admin")
    before = kept()

    answer = case.call(headers=as_the_bank if case.path.endswith("/webhook") else allowed)

    case.validate_response(answer, checks=CHECKS)
    if case.path.endswith(FROM_THE_BANK):
        assert kept() == before


def test_the_bank_s_own_voice_was_heard() -> None:
    """
    With these credentials a webhook's body is what is refused, or kept.
    """
    operation: Any = INTERFACE["/api/payment/webhook"]["POST"]
    answer = operation.Case(body={}, media_type="application/json").call(
        headers={"Authorization": basic().decode()}
    )

    assert answer.status_code == 400
