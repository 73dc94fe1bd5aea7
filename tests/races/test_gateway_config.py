"""Officers change the gateway configuration at the same moment: one change is made, and the others are told."""

from datetime import timedelta
from typing import Final

import pytest

from application.gateway_config.decide_configuration import DecisionCommand
from application.gateway_config.propose_configuration import (
    ConfigurationChange,
    ProposeConfigurationCommand,
)
from domain.gateway_config.configuration_version import (
    EFFECT_LEAD,
    ConfigurationPending,
    ConfigurationVersion,
    VersionDecided,
)
from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import TermsChange
from domain.money import Money
from domain.staff.access import Role
from domain.staff.staff_member import StaffId
from fakes.samples import BY_STAFF, a_member
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting, process_on
from races.staff_requests import STEP, code_now
from worlds.postgres import PostgresWorld

OFFICERS: Final = ("zoya", "anita", "mira")
NEW: Final = {SecretField.API_KEY: "a-new-api-key-of-the-merchant"}
WRITTEN: Final = "SELECT action FROM audit_log WHERE subject = 'gateway_config' ORDER BY id"


@pytest.fixture
async def seeds(world: PostgresWorld) -> dict[str, str]:
    """The seeds of three administrators' apps; their present codes are unused."""
    found: dict[str, str] = {}
    for name in OFFICERS:
        member, staff = a_member(name, Role.ADMIN), world.use_cases.staff()
        await staff.add_staff()(member, BY_STAFF)
        enrol = staff.enrol_second_factor()
        found[name] = (await enrol.invite(member.id)).seed
        await enrol.confirm(member.id, found[name], code_now(world, found[name]), BY_STAFF)
    world.clock.at += STEP
    return found


async def propose(
    world: PostgresWorld, seeds: dict[str, str], who: str, change: ConfigurationChange
) -> ConfigurationVersion:
    command = ProposeConfigurationCommand(
        change=change,
        reason="at once",
        based_on=0,
        by=StaffId(who),
        origin=BY_STAFF,
        code=code_now(world, seeds[who]),
    )
    version: ConfigurationVersion = await world.use_cases.gateway_config().propose()(command)
    return version


async def approve(world: PostgresWorld, seeds: dict[str, str], who: str) -> ConfigurationVersion:
    command = DecisionCommand(
        number=1,
        reason="at once",
        by=StaffId(who),
        origin=BY_STAFF,
        code=code_now(world, seeds[who]),
    )
    version: ConfigurationVersion = await world.use_cases.gateway_config().decide().approve(command)
    return version


async def test_of_proposals_at_once_one_is_made(
    world: PostgresWorld, seeds: dict[str, str]
) -> None:
    """
    Each narrows to something else; the others are told that a version waits.
    """
    place = MeetingPlace(len(OFFICERS))
    got, told = await all_at_once(
        propose(
            meeting(world, place, only="gateway_config"),
            seeds,
            who,
            ConfigurationChange(terms=TermsChange(maximum=Money(1_000_00 + nth))),
        )
        for nth, who in enumerate(OFFICERS)
    )

    assert place.met
    assert [each.number for each in got] == [1]
    assert {type(each) for each in told} == {ConfigurationPending}
    assert [row[0] for row in await world.rows(WRITTEN)] == [
        "gateway_config.proposed",
        "gateway_config.approved",
    ]


async def test_of_approvals_at_once_one_counts(world: PostgresWorld, seeds: dict[str, str]) -> None:
    """
    By one of the two others; all processes then switch at the same instant.
    """
    await propose(world, seeds, "zoya", ConfigurationChange(secrets=NEW))
    place = MeetingPlace(2)
    got, told = await all_at_once(
        approve(meeting(world, place, only="gateway_config"), seeds, who)
        for who in ("anita", "mira")
    )

    assert place.met
    assert {type(each) for each in told} == {VersionDecided}
    (approved,) = got
    others = [process_on(world.database, world).wiring.container.configuration() for _ in range(2)]
    for each in others:
        await each.refresh()
        assert each().number == 0
    world.clock.at += EFFECT_LEAD - timedelta(seconds=1)
    assert [each().number for each in others] == [0, 0]
    world.clock.at += timedelta(seconds=1)
    assert [each().number for each in others] == [1, 1]
    assert all(each().secrets.api_key == NEW[SecretField.API_KEY] for each in others)
    assert approved.effective_from == world.clock.at
    stored = await world.rows("SELECT * FROM gateway_config")
    assert NEW[SecretField.API_KEY] not in repr(stored)
