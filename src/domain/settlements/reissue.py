"""What a file says again: lines twice in it, a re-issue or a supplement of a settlement, or nothing new at all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.money import Money
from domain.settlements.line_key import EventKey, event_key, line_key
from domain.settlements.settlement_line import LineState, LineType, SettlementLine


class ReportedAgain(StrEnum):
    """What a file is to a settlement that is known already."""

    SUPPLEMENT = "supplement"
    """No event in common: its lines are added, with a journal of their own."""

    REISSUE = "reissue"
    """An event in common: it stands for the whole settlement anew."""

    NO_NEW_EVENTS = "no_new_events"
    """The same report saved again, ids lost or not: it adds nothing."""


class DuplicateCause(StrEnum):
    """Why a line does not count."""

    DUPLICATE_LINE = "duplicate_line"
    """The same line stands earlier in the same file."""

    REPORTED_BEFORE = "reported_before"
    """Another file has reported the same event with equal amounts."""


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """One event with other amounts than before."""

    before: SettlementLine
    after: SettlementLine

    @property
    def difference(self) -> Money:
        """By how much the net changed."""
        return self.after.net - self.before.net


@dataclass(frozen=True, slots=True)
class SettlementDifference:
    """A settlement as reported before and now, line by line; each old and each new line stands in it once."""

    unchanged: tuple[tuple[SettlementLine, SettlementLine], ...]
    changed: tuple[ChangedLine, ...]
    added: tuple[SettlementLine, ...]
    removed: tuple[SettlementLine, ...]
    equal: int = 0
    """How many lines more stand on both sides with the same line key; they are not held in memory."""

    @property
    def kind(self) -> ReportedAgain:
        if not self.equal and not self.unchanged and not self.changed:
            return ReportedAgain.SUPPLEMENT
        if not self.changed and not self.added and not self.removed:
            return ReportedAgain.NO_NEW_EVENTS
        return ReportedAgain.REISSUE

    def is_taken_by_machine(self, matched: frozenset[str]) -> bool:
        """
        Whether nobody has to look at it: nothing is removed, and no amount of a matched line changes.

        *matched* are the line keys of the old lines that are matched.
        """
        return not self.removed and not any(
            line_key(each.before) in matched for each in self.changed
        )


def with_occurrences(lines: Iterable[SettlementLine]) -> list[SettlementLine]:
    """Return *lines* of one file with their occurrences counted: equal line keys from 1, in the file's order."""
    seen: Counter[str] = Counter()
    counted = []
    for line in lines:
        key = line_key(line)
        seen[key] += 1
        counted.append(
            line if seen[key] == line.occurrence else replace(line, occurrence=seen[key])
        )
    return counted


def state_in_file(line: SettlementLine) -> LineState:
    """Return whether *line* counts within its own file: live the first time, a duplicate each time after it."""
    return LineState.LIVE if line.occurrence == 1 else LineState.DUPLICATE


def charged_twice(lines: Iterable[SettlementLine]) -> list[tuple[SettlementLine, ...]]:
    """
    Return the payments of one order that came more than once, under different bank ids or RRNs, in order.

    Equal lines are duplicates and count as one: only money that moved twice is meant.
    """
    by_order: dict[tuple[str, str], dict[EventKey, SettlementLine]] = defaultdict(dict)
    for line in lines:
        if line.line_type is LineType.PAYMENT and line.payment_id is not None:
            by_order[line.mid, line.payment_id].setdefault(event_key(line), line)
    return [tuple(events.values()) for events in by_order.values() if len(events) > 1]


def same_amounts(one: SettlementLine, other: SettlementLine) -> bool:
    """Whether two lines of an event agree in direction and in every amount."""
    return _amounts(one) == _amounts(other)


def difference_between(
    before: Sequence[SettlementLine], after: Sequence[SettlementLine], *, equal: int = 0
) -> SettlementDifference:
    """
    Return how the lines *after* of one settlement differ from those *before*, beside *equal* that do not.

    Lines are paired by event, each at most once. Those left are paired by type, order, attempt and amounts
    where one of the two has lost ids in a spreadsheet.
    """
    unchanged: list[tuple[SettlementLine, SettlementLine]] = []
    changed: list[ChangedLine] = []
    removed, added = _paired_by_event(before, after, unchanged, changed)
    removed, added = _paired_without_ids(removed, added, unchanged)
    return SettlementDifference(
        tuple(unchanged), tuple(changed), tuple(added), tuple(removed), equal
    )


def overlap_cause(
    line: SettlementLine, live: Mapping[EventKey, SettlementLine]
) -> DuplicateCause | None:
    """
    Return why *line* does not count beside the *live* lines of other files, or None where it does.

    An event that is live with other amounts is no duplicate: it is a mismatch of amounts for the matcher.
    """
    other = live.get(event_key(line))
    if other is None or not same_amounts(line, other):
        return None
    return DuplicateCause.REPORTED_BEFORE


def _paired_by_event(
    before: Sequence[SettlementLine],
    after: Sequence[SettlementLine],
    unchanged: list[tuple[SettlementLine, SettlementLine]],
    changed: list[ChangedLine],
) -> tuple[list[SettlementLine], list[SettlementLine]]:
    old: dict[EventKey, list[SettlementLine]] = defaultdict(list)
    for line in before:
        old[_pairing_key(line)].append(line)
    added = []
    for line in after:
        others = old[_pairing_key(line)]
        other = next((each for each in others if same_amounts(each, line)), None)
        if other is not None:
            unchanged.append((other, line))
        elif others:
            other = others[0]
            changed.append(ChangedLine(other, line))
        else:
            added.append(line)
            continue
        others.remove(other)
    return [line for lines in old.values() for line in lines], added


def _pairing_key(line: SettlementLine) -> EventKey:
    """Return the event of *line*; one that names nothing is the same only as a line that is equal in everything."""
    key = event_key(line)
    if key.subject is None and key.movement is None:
        return replace(key, movement=line_key(line))
    return key


def _paired_without_ids(
    removed: Sequence[SettlementLine],
    added: Sequence[SettlementLine],
    unchanged: list[tuple[SettlementLine, SettlementLine]],
) -> tuple[list[SettlementLine], list[SettlementLine]]:
    old: dict[tuple[object, ...], list[SettlementLine]] = defaultdict(list)
    for line in removed:
        old[_order_and_amounts(line)].append(line)
    still = []
    for line in added:
        others = old[_order_and_amounts(line)] if line.payment_id is not None else []
        other = next((each for each in others if _ids_agree(each, line)), None)
        if other is None:
            still.append(line)
        else:
            others.remove(other)
            unchanged.append((other, line))
    return [line for lines in old.values() for line in lines], still


def _order_and_amounts(line: SettlementLine) -> tuple[object, ...]:
    return (line.mid, line.line_type, line.payment_id, line.attempt, *_amounts(line))


def _ids_agree(one: SettlementLine, other: SettlementLine) -> bool:
    """Whether two lines say the same wherever both still say something."""
    return all(
        ours is None or theirs is None or ours == theirs
        for ours, theirs in (
            (one.refund_id, other.refund_id),
            (one.bank_txn_id, other.bank_txn_id),
            (one.rrn, other.rrn),
            (one.arn, other.arn),
        )
    )


def _amounts(line: SettlementLine) -> tuple[object, ...]:
    return (
        line.direction,
        line.gross,
        line.fee,
        line.cgst,
        line.sgst,
        line.igst,
        line.utgst,
        line.net,
    )
