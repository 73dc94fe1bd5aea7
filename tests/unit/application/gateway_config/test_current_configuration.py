"""Each process holds the configuration in effect, and all of them change at one instant."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import PaymentMethod
from domain.money import Money
from fakes.gateway_config.samples import BOOTSTRAP, SECRETS
from ports.cipher import CannotDecrypt
from unit.application.gateway_config.office import NEW_PASSWORD, Office

UPI = frozenset({PaymentMethod.UPI})
PASSWORD = {SecretField.WEBHOOK_PASSWORD: NEW_PASSWORD}


async def test_every_process_changes_at_the_same_instant(office: Office) -> None:
    """
    Whoever read the version before its instant needs no other look; what is read twice is not decrypted twice.
    """
    other = office.process()
    assert await other.refresh()
    await office.propose(methods=UPI)
    assert await other.refresh()
    assert not await other.refresh()
    office.pass_time(timedelta(seconds=59))
    assert (other(), office.current()) == (BOOTSTRAP, BOOTSTRAP)
    office.pass_time(timedelta(seconds=1))

    assert other() == office.current()
    assert other().terms.methods == UPI
    assert other() is other()


async def test_a_new_process_begins_with_what_is_in_effect(office: Office) -> None:
    """
    And with the secrets before, while they are accepted.
    """
    await office.put_in_effect(PASSWORD)
    await office.put_in_effect(methods=UPI)
    await office.put_in_effect(maximum=Money(900_00))
    other = office.process()
    await other.refresh()

    assert other().number == 3
    assert [each.secrets.webhook_password for each in other.accepted()] == [
        NEW_PASSWORD,
        SECRETS.webhook_password,
    ]


async def test_secrets_that_were_read_are_kept_out_of_the_log(office: Office) -> None:
    """
    Before their version is in effect, since a call may fail at its very instant.
    """
    proposed = await office.propose(PASSWORD)
    await office.decide.approve(office.decision(proposed.number))
    await office.process().refresh()

    assert NEW_PASSWORD in office.hidden
    assert SECRETS.response_key in office.hidden


async def test_the_secrets_before_may_be_those_of_a_version(office: Office) -> None:
    """
    One whose key is gone is accepted no longer, and stops nothing.
    """
    await office.put_in_effect(methods=UPI)
    await office.put_in_effect(PASSWORD)
    await office.put_in_effect(maximum=Money(900_00))
    other = office.process()
    await other.refresh()
    assert [each.number for each in other.accepted()] == [3, 1]

    office.lose_secret(1, SecretField.RESPONSE_KEY)
    assert await other.refresh()
    assert [each.number for each in other.accepted()] == [3, 1], "what is held needs no key"
    other = office.process()
    assert await other.refresh()
    assert [each.number for each in other.accepted()] == [3]
    assert other().secrets.webhook_password == NEW_PASSWORD


async def test_a_configuration_that_cannot_be_read_changes_nothing(office: Office) -> None:
    """
    What was in effect stays in effect, and the next look tries again.
    """
    await office.put_in_effect(methods=UPI)
    other = office.process()
    await other.refresh()
    before = other()
    await office.put_in_effect(maximum=Money(900_00))
    office.lose_secret(2, SecretField.API_KEY)
    for _ in range(2):
        with pytest.raises(CannotDecrypt):
            await other.refresh()

    assert other() is before


async def test_a_locked_process_stays_with_its_environment(office: Office) -> None:
    """
    Whatever is stored: the way out when a version shuts everybody out.
    """
    await office.put_in_effect(methods=UPI)
    other = replace(office.process(), locked=True)

    assert not await other.refresh()
    assert other() == BOOTSTRAP
    assert other.accepted() == (BOOTSTRAP,)
