"""Whatever comes first, the books end the same: I10, exhaustively."""

import pytest

from scorecard.five_messages import ORDERS, SCRIPTS, SOLD_ONCE, played
from scorecard.runners import MemoryRunner


@pytest.mark.no_cover
@pytest.mark.parametrize("script", SCRIPTS)
async def test_every_order_of_news_ends_the_same(script: str) -> None:
    """
    120 orders: always sold once, enrolled once, one letter, one slot, each step forward.
    """
    ends = {order: await played(MemoryRunner(), script, order) for order in ORDERS}

    assert len(ends) == 120
    assert set(ends.values()) == {SOLD_ONCE}


@pytest.mark.no_cover
@pytest.mark.parametrize("script", SCRIPTS)
async def test_copies_of_the_news_add_nothing(script: str) -> None:
    """
    The same, with each piece of news told twice.
    """
    orders = [tuple(news for news in order for _ in range(2)) for order in ORDERS]

    ends = {await played(MemoryRunner(), script, order) for order in orders}

    assert ends == {SOLD_ONCE}
