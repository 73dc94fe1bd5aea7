"""Where a statement stands among those of its account: it joins them at one end, or something is missing between."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from domain.money import Money
from domain.settlements.bank_statement import BankEntry, BankStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEnds:
    """The balance before the first entry that is known of an account, and behind the last one, with their places."""

    first: int
    begins_at: Money
    last: int
    ends_at: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainPlace:
    """The place of a statement, its entries that are new, and the balances before and behind them."""

    sequence: int
    new: tuple[BankEntry, ...]
    begins_at: Money
    ends_at: Money


def pieces_of(
    statement: BankStatement, known: Sequence[bool]
) -> list[tuple[BankStatement, tuple[bool, ...]]]:
    """
    Return *statement* in pieces that each reach beyond what is *known* of its entries at one end alone.

    A statement of a whole month, of which the middle is known, is two pieces: what came before, and the
    rest.
    """
    runs = [(flag, len(list(run))) for flag, run in groupby(known)]
    if len(runs) < 3 or runs[0][0]:  # noqa: PLR2004 - new entries, known ones, and new ones again
        return [(statement, tuple(known))]
    length = runs[0][1]
    head, tail = statement.entries[:length], statement.entries[length:]
    return [
        (replace(statement, entries=head, closing=head[-1].balance), tuple(known[:length])),
        (replace(statement, entries=tail, opening=head[-1].balance), tuple(known[length:])),
    ]


def place_of(
    statement: BankStatement, known: Sequence[bool], ends: ChainEnds | None
) -> ChainPlace | None:
    """
    Return where *statement* stands, or None where it joins at neither end of what is known.

    *known* says of each of its entries whether it is kept already, and *ends* is None before the account's
    first statement.
    """
    new = tuple(
        each for each, is_known in zip(statement.entries, known, strict=True) if not is_known
    )
    begins, closes = statement.opening, statement.closing
    if ends is None:
        return ChainPlace(sequence=1, new=new, begins_at=begins, ends_at=closes)
    if not new and statement.entries:
        return ChainPlace(
            sequence=ends.last + 1, new=(), begins_at=ends.ends_at, ends_at=ends.ends_at
        )
    before = sum(1 for is_known in known if is_known)
    if list(known) == [True] * before + [False] * len(new):
        begins = statement.entries[before - 1].balance if before else statement.opening
        if begins == ends.ends_at:
            return ChainPlace(
                sequence=ends.last + 1, new=new, begins_at=begins, ends_at=statement.closing
            )
    if list(known) == [False] * len(new) + [True] * before:
        closes = new[-1].balance if new else statement.closing
        if closes == ends.begins_at:
            return ChainPlace(
                sequence=ends.first - 1, new=new, begins_at=statement.opening, ends_at=closes
            )
    return None
