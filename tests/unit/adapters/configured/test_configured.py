"""Behind one port stands the gateway of the configuration in effect, and the messages that count under it."""

from dataclasses import dataclass, field, replace
from typing import Any

from adapters.configured.gateway import ConfiguredGateway
from adapters.configured.messages import ConfiguredMessages
from adapters.fake.gateway import FakeGateway
from adapters.fake.signed_messages import SCHEME
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.identifiers import StudentId
from domain.payments.order_facts import Verdict
from fakes.gateway_config.samples import BOOTSTRAP
from fakes.samples import payment_id

NEXT = replace(BOOTSTRAP, number=1)


@dataclass(slots=True)
class Made:
    """Remembers for what something was made."""

    made: list[Any] = field(default_factory=list)
    fake: FakeGateway = field(default_factory=FakeGateway)

    def __call__(self, configured: object) -> Any:
        self.made.append(configured)
        return self.fake


async def test_a_gateway_is_made_once_for_each_configuration() -> None:
    """
    Payments pay nothing for it; another version is another gateway.
    """
    now: list[GatewayConfiguration] = [BOOTSTRAP]
    made = Made()
    gateway = ConfiguredGateway(lambda: now[0], made)
    for current in (BOOTSTRAP, BOOTSTRAP, NEXT, NEXT):
        now[0] = current
        facts = await gateway.read_order(payment_id(1), StudentId("asha"))
        assert facts.verdict is Verdict.UNKNOWN_ORDER

    assert made.made == [BOOTSTRAP, NEXT]


def test_messages_are_read_by_what_is_accepted_now() -> None:
    """
    Made anew when a secret is retired, and when it counts no longer.
    """
    now: list[tuple[GatewayConfiguration, ...]] = [(BOOTSTRAP,)]
    made = Made()
    messages = ConfiguredMessages(lambda: now[0], made)
    for accepted in ((BOOTSTRAP,), (BOOTSTRAP,), (NEXT, BOOTSTRAP), (NEXT, BOOTSTRAP), (NEXT,)):
        now[0] = accepted
        messages.check_sender({"authorization": f"{SCHEME} x"})

    assert made.made == [(BOOTSTRAP,), (NEXT, BOOTSTRAP), (NEXT,)]
