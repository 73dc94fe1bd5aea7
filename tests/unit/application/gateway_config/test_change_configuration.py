"""The gateway configuration is changed by two officers, by one where it only narrows, and every change is audited."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from application.gateway_config.configuration_drafts import KEPT_FOR, ConfigurationDrafts
from application.gateway_config.configuration_secrets import SecretUnreadable
from application.gateway_config.propose_configuration import ConfigurationLocked
from domain.errors import NotFound
from domain.gateway_config.configuration_version import (
    OVERLAP,
    PROPOSAL_LAPSES_AFTER,
    ConfigurationChanged,
    ConfigurationPending,
    ConfigurationUnchanged,
    NoOldSecrets,
    OldSecretsAccepted,
    OwnProposal,
    VersionDecided,
    VersionState,
)
from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import ConfigurationInvalid, PaymentMethod, TermsChange
from domain.money import Money
from domain.staff.access import NotAllowed
from domain.staff.second_factor import TotpWrong
from fakes.gateway_config.samples import ANITA, BOOTSTRAP, SECRETS, ZOYA
from ports.unit_of_work import StorageUnavailable
from unit.application.gateway_config.office import MIRA, NEW_KEY, NEW_PASSWORD, Office
from worlds.memory import MemoryWorld

UPI = frozenset({PaymentMethod.UPI})
PASSWORD = {SecretField.WEBHOOK_PASSWORD: NEW_PASSWORD}


async def test_what_narrows_is_done_by_one(office: Office) -> None:
    """
    A method is switched off at once, and that is in effect a minute later.
    """
    version = await office.propose(methods=UPI, maximum=Money(1_000_00))

    assert (version.state, version.alone, version.decided_by) == (
        VersionState.APPROVED,
        True,
        ZOYA,
    )
    assert office.current() == BOOTSTRAP
    office.pass_time(timedelta(seconds=60))
    assert office.current().terms.methods == UPI
    assert office.current().secrets == SECRETS
    assert [each.action for each in office.audited] == [
        "gateway_config.proposed",
        "gateway_config.approved",
    ]


async def test_what_widens_takes_two(office: Office) -> None:
    """
    The proposal of a new key changes nothing until another officer has approved it.
    """
    version = await office.propose({SecretField.API_KEY: NEW_KEY})
    assert version.state is VersionState.PROPOSED
    with pytest.raises(OwnProposal):
        await office.decide.approve(office.decision(1, ZOYA))
    await office.decide.approve(office.decision(1, ANITA))
    office.pass_time(timedelta(seconds=60))

    assert office.current().secrets == replace(SECRETS, api_key=NEW_KEY)
    with pytest.raises(VersionDecided):
        await office.decide.approve(office.decision(1, ANITA))


async def test_a_proposal_is_rejected_or_withdrawn(office: Office) -> None:
    """
    Then another may be proposed; also one that was approved is stopped until its instant.
    """
    await office.propose(PASSWORD)
    with pytest.raises(ConfigurationPending):
        await office.propose(methods=UPI)
    await office.decide.reject(office.decision(1, ANITA, "not today"))
    await office.propose(methods=UPI, effective_from=office.world.clock.now() + timedelta(hours=1))
    with pytest.raises(ConfigurationPending):
        await office.propose(PASSWORD)
    await office.decide.reject(office.decision(2, ZOYA, "a slip"))
    office.pass_time(timedelta(hours=2))

    assert office.current() == BOOTSTRAP
    assert office.audited[-1].facts == {"version": "2", "reason": "a slip"}


async def test_a_proposal_that_nobody_decides_lapses(office: Office) -> None:
    """
    It is written down as lapsed when the next one comes.
    """
    await office.propose(PASSWORD)
    office.pass_time(PROPOSAL_LAPSES_AFTER)
    with pytest.raises(VersionDecided):
        await office.decide.approve(office.decision(1))
    await office.propose(methods=UPI)

    store = office.world.memory.store
    assert store.configurations[1].state is VersionState.LAPSED
    assert "gateway_config.lapsed" in [each.action for each in office.audited]
    with pytest.raises(VersionDecided) as refused:
        await office.decide.approve(office.decision(1))
    assert refused.value.state is VersionState.LAPSED


async def test_only_an_administrator_with_a_right_code_changes_it(office: Office) -> None:
    """
    Nothing is stored otherwise.
    """
    with pytest.raises(NotAllowed):
        await office.propose(methods=UPI, by=MIRA)
    await office.propose(PASSWORD)
    with pytest.raises(NotAllowed):
        await office.decide.approve(office.decision(1, MIRA))
    with pytest.raises(TotpWrong):
        await office.decide.approve(office.decision(1, ANITA, code="000000"))

    assert [each.state for each in office.world.memory.store.configurations.values()] == [
        VersionState.PROPOSED
    ]


async def test_whoever_saw_another_version_looks_again(office: Office) -> None:
    """
    A change is a change of what was seen.
    """
    await office.put_in_effect(methods=UPI)
    with pytest.raises(ConfigurationChanged) as refused:
        await office.propose(PASSWORD, based_on=0)
    assert refused.value.number == 1


async def test_a_change_changes_something(office: Office) -> None:
    """
    What is sent as it is already makes no version.
    """
    with pytest.raises(ConfigurationUnchanged):
        await office.propose(
            {SecretField.RESPONSE_KEY: SECRETS.response_key}, merchant_id="SIMMERCHANT"
        )
    with pytest.raises(ConfigurationInvalid):
        await office.propose({SecretField.API_KEY: "short"})
    with pytest.raises(ConfigurationInvalid):
        await office.propose(methods=UPI, reason="")


async def test_an_account_without_a_key_is_given_none(world: MemoryWorld) -> None:
    """
    Its calls are signed and encrypted, by keys that stay with the operator.
    """
    office = Office(world, replace(BOOTSTRAP, secrets=replace(SECRETS, api_key=None)))

    with pytest.raises(ConfigurationInvalid):
        await office.propose({SecretField.API_KEY: NEW_KEY})
    assert SecretField.API_KEY not in (await office.propose(PASSWORD)).secrets


async def test_a_locked_configuration_is_not_changed(office: Office) -> None:
    """
    The operator keeps it in the environment.
    """
    office.current.locked = True
    with pytest.raises(ConfigurationLocked):
        await office.propose(methods=UPI)


async def test_no_secret_reaches_the_audit_log(office: Office) -> None:
    """
    Of each change the old and the new value, of a secret its last four characters and its fingerprint.
    """
    await office.put_in_effect({**PASSWORD, SecretField.API_KEY: NEW_KEY}, webhook_user="bank")

    written = repr(office.audited)
    for secret in (*SECRETS.known().values(), NEW_PASSWORD, NEW_KEY):
        assert secret not in written
    facts = office.audited[0].facts
    assert facts["webhook_user"] == "shulk → bank"
    assert facts["api_key"].startswith("••••0001 ")
    assert "response_key" not in facts


async def test_old_secrets_are_accepted_until_they_are_ended(office: Office) -> None:
    """
    Both webhook logins count after a rotation; one officer ends the old one.
    """
    await office.put_in_effect(PASSWORD)
    assert [each.secrets.webhook_password for each in office.current.accepted()] == [
        NEW_PASSWORD,
        SECRETS.webhook_password,
    ]
    with pytest.raises(OldSecretsAccepted):
        await office.propose({SecretField.RESPONSE_KEY: "the-second-response-key-0006"})
    await office.put_in_effect(methods=UPI)
    assert len(office.current.accepted()) == 2, "a later version ends no overlap"
    with pytest.raises(NoOldSecrets):
        await office.decide.end_old_secrets(office.decision(2))
    with pytest.raises(ConfigurationInvalid):
        await office.decide.end_old_secrets(office.decision(1, reason=""))

    await office.decide.end_old_secrets(office.decision(1, ZOYA))
    assert len(office.current.accepted()) == 1
    assert office.audited[-1].action == "gateway_config.old_secrets_ended"
    with pytest.raises(NoOldSecrets):
        await office.decide.end_old_secrets(office.decision(1))
    await office.put_in_effect({SecretField.RESPONSE_KEY: "the-second-response-key-0006"})
    assert len(office.current.accepted()) == 2
    office.pass_time(OVERLAP)
    assert len(office.current.accepted()) == 1


async def test_a_lost_secret_is_entered_again(office: Office) -> None:
    """
    Without it there is nothing to go on with, and the others are kept.
    """
    await office.put_in_effect(methods=UPI)
    office.lose_secret(1, SecretField.API_KEY)
    with pytest.raises(SecretUnreadable):
        await office.propose(maximum=Money(900_00))
    version = await office.propose({SecretField.API_KEY: NEW_KEY})
    await office.decide.approve(office.decision(version.number))
    office.pass_time(timedelta(minutes=1))

    assert office.current().secrets == replace(SECRETS, api_key=NEW_KEY)


@pytest.mark.parametrize("number", [0, 2])
async def test_an_unknown_version_is_not_decided(office: Office, number: int) -> None:
    """
    Nor is any while none was stored.
    """
    with pytest.raises(NotFound):
        await office.decide.approve(office.decision(number))
    await office.propose(PASSWORD)
    with pytest.raises(NotFound):
        await office.decide.approve(office.decision(number))


async def test_a_change_counts_although_this_process_cannot_read(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    It reads it at its next look.
    """

    async def away() -> int:
        raise StorageUnavailable

    reads = type(office.world.memory.configurations)
    with monkeypatch.context() as patched:
        patched.setattr(reads, "revision", lambda _: away())
        await office.propose(PASSWORD)
        await office.decide.approve(office.decision(1))
    assert await office.current.refresh()


async def test_what_saving_would_lead_to_is_planned_and_not_written(office: Office) -> None:
    """
    What differs, and whether one is enough; it needs no code, and refuses what saving would refuse.
    """
    narrow = await office.propose_it.plan(office.command(methods=UPI))
    wide = await office.propose_it.plan(office.command(PASSWORD))

    assert (narrow.before, narrow.after.terms.methods) == (BOOTSTRAP, UPI)
    assert (narrow.version.alone, narrow.version.state) == (True, VersionState.APPROVED)
    assert (wide.version.state, wide.version.retires) == (VersionState.PROPOSED, True)
    assert (office.audited, office.world.memory.store.configurations) == ([], {})
    with pytest.raises(ConfigurationUnchanged):
        await office.propose_it.plan(office.command())
    office.current = office.propose_it.current
    locked = replace(office.propose_it, current=replace(office.current, locked=True))
    with pytest.raises(ConfigurationLocked):
        await locked.plan(office.command(methods=UPI))


async def test_an_earlier_version_is_brought_back_as_a_new_one(office: Office) -> None:
    """
    Terms and secrets, by two where that widens or changes a credential; 0 is the environment.
    """
    await office.put_in_effect({SecretField.API_KEY: NEW_KEY}, methods=UPI)
    first = office.current()
    await office.put_in_effect(
        {SecretField.API_KEY: "the-third-api-key-0006"}, maximum=Money(900_00)
    )

    back = await office.propose_it.change_back_to(1)
    version = await office.propose(back.secrets, **fields_of(back.terms))

    assert (version.number, version.state) == (3, VersionState.PROPOSED)
    await office.decide.approve(office.decision(3))
    office.pass_time(timedelta(seconds=60))
    assert replace(office.current(), number=1) == first
    environment = await office.propose_it.change_back_to(0)
    assert environment.terms.applied_to(first.terms) == BOOTSTRAP.terms
    assert environment.secrets == SECRETS.known()


async def test_only_what_was_in_effect_and_can_be_read_is_brought_back(office: Office) -> None:
    """
    Neither a proposal nor a version whose secret is lost.
    """
    await office.put_in_effect(methods=UPI)
    await office.propose(PASSWORD)
    office.lose_secret(1, SecretField.API_KEY)

    for number in (2, 9):
        with pytest.raises(NotFound):
            await office.propose_it.change_back_to(number)
    with pytest.raises(SecretUnreadable):
        await office.propose_it.change_back_to(1)


def test_typed_secrets_come_back_from_whoever_typed_them_for_a_while(office: Office) -> None:
    """
    Encrypted, to that officer alone, and for a quarter of an hour.
    """
    drafts = ConfigurationDrafts(office.cipher, office.world.clock)
    kept = drafts.keep(PASSWORD, ZOYA)

    assert NEW_PASSWORD not in kept
    assert drafts.read(kept, ZOYA) == PASSWORD
    assert (drafts.keep({}, ZOYA), drafts.read("", ZOYA)) == ("", {})
    for text, whose in ((kept, ANITA), (f"{kept}x", ZOYA)):
        with pytest.raises(ConfigurationInvalid):
            drafts.read(text, whose)
    office.pass_time(KEPT_FOR)
    with pytest.raises(ConfigurationInvalid):
        drafts.read(kept, ZOYA)


def fields_of(terms: TermsChange) -> dict[str, Any]:
    return {each.name: getattr(terms, each.name) for each in fields(terms)}
