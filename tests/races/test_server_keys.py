"""A server key that is rotated and revoked at once, by processes of their own: it ends revoked."""

from datetime import timedelta

import pytest

from adapters.fake.gateway import FakeGateway
from adapters.postgres.engine.database import Database
from application.sign_in.manage_server_keys import NewServerKey
from domain.sign_in.server_key import ServerKeyInvalid, ServerKeyRefused
from domain.staff.access import Permission
from fakes.samples import BY_STAFF
from races.meeting import MeetingPlace
from races.racing import all_at_once, meeting
from worlds.postgres import HandClock, PostgresWorld


@pytest.mark.parametrize("slower", ["rotation", "revocation"])
async def test_a_rotation_brings_no_revoked_key_back(crowded: Database, slower: str) -> None:
    """
    Both have read the key as active and go to write it: whoever is slower decides again.
    """
    world = PostgresWorld.open(crowded, FakeGateway(), HandClock())
    sign_in = world.use_cases.sign_in()
    new = NewServerKey(
        name="Back end",
        scopes=frozenset({Permission.PAY}),
        expires_at=None,
        origin=BY_STAFF,
    )
    added = await sign_in.manage_server_keys().add(new, None)
    place = MeetingPlace(2)
    here, there = (
        meeting(world, place, slower=act == slower).use_cases.sign_in().manage_server_keys()
        for act in ("rotation", "revocation")
    )

    got, told = await all_at_once(
        [
            here.rotate(added.key.id, timedelta(hours=1), BY_STAFF, None),
            there.revoke(added.key.id, BY_STAFF),
        ]
    )

    assert place.met
    assert {type(each) for each in told} <= {ServerKeyRefused}
    assert len(got) + len(told) == 2
    with pytest.raises(ServerKeyInvalid) as refused:
        await sign_in.authenticate_server()(added.secret)
    assert refused.value.why == "revoked"
