"""Whoever owns the database bends the sealed trail: it is found each time, and an honest trail is never accused."""

from worlds.bent_trails import bend

EXAMPLES = 25


async def test_whatever_the_owner_changes_is_found(database_url: str) -> None:
    """
    Lines changed, deleted, inserted, swapped, cut off, and an older dump; erased addresses and new entries are none.
    """
    await bend(database_url, EXAMPLES)
