"""Lists of refunds as the bank may report them: ours and its own, of every status, and of amounts that do not fit."""

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from domain.identifiers import RefundId
from domain.money import Money
from domain.payments.order_facts import RefundFacts, RefundVerdict
from fakes.samples import refund_id

OURS: Final = [refund_id(number) for number in range(1, 4)]
THE_BANKS: Final = [RefundId(f"AR{number}") for number in range(1, 4)]
PARTS: Final = [Money(100), Money(400_00), Money(600_00), Money(1180_00), Money(1180_01)]
"""Of a payment of 1,180 rupees: two of the greater ones never fit together, the last not even alone."""


def refund_facts() -> st.SearchStrategy[RefundFacts]:
    return st.builds(
        RefundFacts,
        id=st.sampled_from([*OURS, *THE_BANKS, RefundId("")]),
        amount=st.sampled_from([*PARTS, None]),
        verdict=st.sampled_from(RefundVerdict),
        arn=st.sampled_from(["", "A1", "A2"]),
        automatic=st.booleans(),
    )


def answers() -> st.SearchStrategy[tuple[Sequence[RefundFacts], Sequence[RefundFacts]]]:
    """Return the refunds of one answer, and the same in another order."""
    told = st.lists(refund_facts(), min_size=1, max_size=6)
    return told.flatmap(lambda facts: st.tuples(st.just(facts), st.permutations(facts)))
