"""The bank's messages, verified by what is accepted now: the secrets in effect, and those before for a while."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from domain.gateway_config.gateway_configuration import GatewayConfiguration
from ports.payments.gateway_messages import GatewayEvent, GatewayMessages, ReturnClaim

Accepted = tuple[GatewayConfiguration, ...]


@dataclass(slots=True)
class ConfiguredMessages:
    """*accepted* returns the configurations whose secrets count, *messages_with* makes what reads by them."""

    accepted: Callable[[], Accepted]
    messages_with: Callable[[Accepted], GatewayMessages]
    _made: tuple[Accepted, GatewayMessages] | None = field(default=None, init=False)

    def read_return(self, fields: Sequence[tuple[str, str]]) -> ReturnClaim:
        return self._messages().read_return(fields)

    def check_sender(self, headers: Mapping[str, str]) -> None:
        self._messages().check_sender(headers)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        return self._messages().read_event(headers, body)

    def _messages(self) -> GatewayMessages:
        accepted = self.accepted()
        if self._made is None or not _same(self._made[0], accepted):
            self._made = accepted, self.messages_with(accepted)
        return self._made[1]


def _same(one: Accepted, other: Accepted) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
