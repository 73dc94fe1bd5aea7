"""Statements of one account stand in one chain, whatever parts of it each of them shows."""

from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money
from domain.settlements.bank_statement import BankEntry, BankStatement
from domain.settlements.statement_chain import ChainEnds, pieces_of, place_of

DAY: Final = date(2026, 11, 1)
AMOUNTS: Final = (500, -200, 300, 400, -100, 250)
BALANCES: Final = tuple(accumulate(AMOUNTS, initial=1000))
ENTRIES: Final = tuple(
    BankEntry(
        entry_no=number + 1,
        booked_on=DAY + timedelta(days=number),
        value_on=DAY,
        amount=Money(amount),
        narration=f"entry {number}",
        reference=None,
        balance=Money(BALANCES[number + 1]),
    )
    for number, amount in enumerate(AMOUNTS)
)


def part(first: int, last: int) -> BankStatement:
    """Return the statement of the entries from *first* up to, and without, *last*."""
    return BankStatement(
        account="A",
        opening=Money(BALANCES[first]),
        closing=Money(BALANCES[last]),
        entries=ENTRIES[first:last],
    )


def ends(first: int, last: int) -> ChainEnds:
    return ChainEnds(
        first=1, begins_at=Money(BALANCES[first]), last=4, ends_at=Money(BALANCES[last])
    )


def known(statement: BankStatement, first: int, last: int) -> list[bool]:
    return [each in ENTRIES[first:last] for each in statement.entries]


def test_the_first_statement_stands_anywhere() -> None:
    """
    All of it is new.
    """
    place = place_of(part(1, 3), [False, False], None)

    assert place is not None
    assert (place.sequence, place.new) == (1, ENTRIES[1:3])
    assert (place.begins_at, place.ends_at) == (Money(BALANCES[1]), Money(BALANCES[3]))


@pytest.mark.parametrize(
    ("first", "last", "sequence", "new", "between"),
    [
        (4, 6, 5, (4, 6), (4, 6)),
        (3, 6, 5, (4, 6), (4, 6)),
        (4, 4, 5, (4, 4), (4, 4)),
        (0, 2, 0, (0, 2), (0, 2)),
        (0, 3, 0, (0, 2), (0, 2)),
        (2, 3, 5, (2, 2), (4, 4)),
        (2, 2, 0, (2, 2), (2, 2)),
    ],
)
def test_a_statement_joins_at_one_end(
    first: int, last: int, sequence: int, new: tuple[int, int], between: tuple[int, int]
) -> None:
    """
    Behind what is known, before it, overlapping it, or with nothing new.
    """
    statement = part(first, last)

    place = place_of(statement, known(statement, 2, 4), ends(2, 4))

    assert place is not None
    assert (place.sequence, place.new) == (sequence, ENTRIES[slice(*new)])
    assert (place.begins_at, place.ends_at) == tuple(Money(BALANCES[each]) for each in between)


@pytest.mark.parametrize(("first", "last"), [(5, 6), (0, 1), (1, 1)])
def test_a_statement_beyond_a_gap_joins_nowhere(first: int, last: int) -> None:
    """
    Something is missing between.
    """
    statement = part(first, last)

    assert place_of(statement, known(statement, 2, 4), ends(2, 4)) is None


def test_what_is_known_in_places_joins_nowhere() -> None:
    """
    One entry of several is known in the middle of new ones, or the other way round.
    """
    assert place_of(part(0, 3), [False, True, False], ends(2, 4)) is None
    assert place_of(part(0, 3), [True, False, True], ends(2, 4)) is None


def test_a_whole_month_around_what_is_known_is_two_pieces() -> None:
    """
    What came before, and the rest; any other statement is one.
    """
    whole = part(0, 6)

    (head, head_known), (tail, tail_known) = pieces_of(whole, known(whole, 2, 4))
    assert (head, head_known) == (part(0, 2), (False, False))
    assert (tail, tail_known) == (part(2, 6), (True, True, False, False))
    for statement in (part(0, 4), part(2, 6), part(2, 4), part(3, 3)):
        assert len(pieces_of(statement, known(statement, 2, 4))) == 1
    assert len(pieces_of(part(1, 6), [True, False, False, True, False])) == 1


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted), min_size=1, max_size=8)
)
def test_any_parts_in_any_order_make_one_chain(parts: list[list[int]]) -> None:
    """
    No entry stands in it twice, and each piece ends where the next one begins.
    """
    kept: set[str] = set()
    chain: dict[int, tuple[Money, Money, tuple[BankEntry, ...]]] = {}
    for first, last in parts:
        statement = part(first, last)
        flags = [each.narration in kept for each in statement.entries]
        for piece, piece_known in pieces_of(statement, flags):
            at = (
                ChainEnds(
                    first=min(chain),
                    begins_at=chain[min(chain)][0],
                    last=max(chain),
                    ends_at=chain[max(chain)][1],
                )
                if chain
                else None
            )
            place = place_of(piece, piece_known, at)
            if place is not None:
                assert place.sequence not in chain
                chain[place.sequence] = (place.begins_at, place.ends_at, place.new)
                assert not kept & {each.narration for each in place.new}
                kept |= {each.narration for each in place.new}

    ordered = [chain[number] for number in sorted(chain)]
    assert all(before[1] == after[0] for before, after in pairwise(ordered))
    told = [each for _, _, new in ordered for each in new]
    assert told == sorted(told, key=lambda each: each.entry_no)
