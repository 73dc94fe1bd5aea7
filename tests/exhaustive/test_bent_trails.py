"""A thousand manipulations of a sealed audit trail by SQL as the owner of its database."""

import pytest

from worlds.bent_trails import bend

EXAMPLES = 1_000


@pytest.mark.timeout(300)  # a third of a minute of work, on a machine that does nothing else
async def test_a_thousand_manipulations_are_found(database_url: str) -> None:
    """
    None passes, and none of a thousand lawful changes is taken for one.
    """
    await bend(database_url, EXAMPLES)
