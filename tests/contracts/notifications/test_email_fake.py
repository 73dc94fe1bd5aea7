"""The mailbag of the tests keeps the contract of a sender."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from contracts.notifications.email_contract import EmailContract, Received, as_received
from fakes.notifications.email_sender import Mailbag
from ports.notifications.email_sender import EmailDelayed, EmailRefused


@dataclass
class Bag:
    sender: Mailbag = field(default_factory=Mailbag)

    def received(self) -> Sequence[Received]:
        return [as_received(each) for each in self.sender.letters]

    def be_busy_once(self) -> None:
        self.sender.gateway_failure.append(EmailDelayed("busy"))

    def refuse_once(self) -> None:
        self.sender.gateway_failure.append(EmailRefused("no such mailbox"))


class TestMailbag(EmailContract):
    @pytest.fixture
    def post(self) -> Bag:
        return Bag()
