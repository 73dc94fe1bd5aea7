"""A resolution is named, has a note, and goes only where its table leads; its limits and second person are kept."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, Final

import pytest

from domain.identifiers import PaymentId
from domain.ledger.account import Account
from domain.ledger.journal import JournalKind
from domain.ledger.payment_postings import Postings
from domain.money import Money
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.discrepancy_state import DiscrepancyState, IllegalDiscrepancyStep
from domain.reconciliation.finding import Finding
from domain.reconciliation.released_line import count_lines
from domain.reconciliation.resolution import (
    DEFAULT_LIMITS,
    RESOLUTION_STEPS,
    DiscrepancyResolution,
    IllegalResolutionStep,
    NoteRefused,
    ResolutionAction,
    ResolutionEvent,
    ResolutionSecondPersonNeeded,
    ResolutionState,
    checked_note,
)
from domain.reconciliation.resolution_context import (
    DecidedAlone,
    ResolutionContext,
    ResolutionDecision,
    StaleDiscrepancy,
)
from domain.reconciliation.resolution_postings import resolution_journal
from domain.reconciliation.resolution_rules import (
    ABOUT_HELD_LINES,
    LAWFUL_ACTIONS,
    LIMITED,
    ResolutionActionUnlawful,
    ResolutionFieldRefused,
    ResolutionRequest,
    journal_kind,
)
from domain.reconciliation.resolve import (
    NotAwaitingApproval,
    ResolutionOvertaken,
    approve,
    overtaken,
    reject,
    resolve,
)
from domain.reconciliation.taxonomy import (
    TAXONOMY,
    Action,
    Cause,
    Owner,
    Posting,
    Subject,
)
from domain.reconciliation.undo_resolution import NothingInForce, UndoRefused
from domain.text.card_number import CardNumberRefused

Do = ResolutionAction
AT: Final = datetime(2026, 11, 17, 6, tzinfo=UTC)  # a Tuesday, 11:30 in India
LATER: Final = AT + timedelta(hours=3)
CALENDAR: Final = BankCalendar(version="resolutions")
PAYMENT: Final = PaymentId("SKR3KDMZ5CWYH7NBIT4A")
OTHER: Final = PaymentId("SKAAAAAAAAAAAAAAAAAA")
MIRA, NOOR = "staff:mira", "staff:noor"
UNTIL: Final = date(2026, 11, 20)


def a_finding(cause: Cause = Cause.GROSS_DIFFERS, paise: int = -9_00, **other: Any) -> Finding:
    kind = next(each for each, known in TAXONOMY if known is cause)
    posted = paise if TAXONOMY[kind, cause].posting is not Posting.NONE else 0
    finding = Finding(
        type=kind,
        cause=cause,
        subject=Subject.PAYMENT,
        ref=PAYMENT,
        settlement="SIM0001/2026-11-13",
        difference_paise=paise,
        posted_paise=posted,
        action=Action.PERSON,
    )
    return replace(finding, **other)


def context(
    finding: Finding | None = None,
    history: Sequence[DiscrepancyResolution] = (),
    state: DiscrepancyState = DiscrepancyState.OPEN,
) -> ResolutionContext:
    new = Discrepancy.of(finding or a_finding(), AT - timedelta(days=1), CALENDAR)
    return ResolutionContext(
        discrepancy=replace(new, state=state, version=3),
        history=history,
        calendar=CALENDAR,
        at=AT,
    )


def asked(
    action: ResolutionAction = Do.WRITE_OFF, by: str = MIRA, **told: Any
) -> ResolutionRequest:
    request = ResolutionRequest(action=action, note="they said so", by=by, version=3)
    return replace(request, **told)


def decided(
    told: ResolutionContext, request: ResolutionRequest, alone: DecidedAlone | None = None
) -> ResolutionDecision:
    return resolve(told, request, alone or DecidedAlone(), DEFAULT_LIMITS)


def after(told: ResolutionContext, *decisions: ResolutionDecision) -> ResolutionContext:
    """Return what the next person sees, three hours later."""
    history = list(told.history)
    for decision in decisions:
        for each in filter(None, (decision.resolution, decision.undone)):
            history[each.sequence - 1 : each.sequence] = [each]
    discrepancy = replace(decisions[-1].discrepancy, version=3)
    return replace(told, discrepancy=discrepancy, history=history, at=LATER)


def entries(decision: ResolutionDecision) -> dict[Account, int]:
    (journal,) = decision.postings.journals
    return {each.account: each.amount.paise for each in journal.entries}


@pytest.mark.parametrize(("state", "event"), list(product(ResolutionState, ResolutionEvent)))
def test_a_resolution_takes_only_the_steps_of_its_table(
    state: ResolutionState, event: ResolutionEvent
) -> None:
    """
    Each pair is either written down or refused.
    """
    proposed = decided(context(), asked()).resolution
    standing = replace(proposed, state=state)

    if (state, event) in RESOLUTION_STEPS:
        assert standing.ended(event, NOOR, AT).state is RESOLUTION_STEPS[state, event]
    else:
        with pytest.raises(IllegalResolutionStep) as refused:
            standing.ended(event, NOOR, AT)
        assert (refused.value.state, refused.value.event) == (state, event)


@pytest.mark.parametrize(
    "note", ["", "  a ", "no", "x" * 501, "a\u202eb and so on", "\u0301\u0301\u0301"]
)
def test_a_note_is_a_sentence_that_can_be_printed(note: str) -> None:
    """
    3 to 500 characters without blanks around them, and nothing that turns the text around.
    """
    with pytest.raises(NoteRefused):
        checked_note(note)


def test_a_note_stands_on_one_line_and_holds_no_card_number() -> None:
    """
    A line break becomes a blank, and 500 characters are not too many.
    """
    assert checked_note(" as\nagreed ") == "as agreed"
    assert len(checked_note("x" * 500)) == 500
    with pytest.raises(CardNumberRefused):
        checked_note("paid with 4111 1111 1111 1111")


def test_each_cause_has_its_actions() -> None:
    """
    What is left to a person can be done by one, and what is not cannot; nothing is promised that is missing.
    """
    assert set(LAWFUL_ACTIONS) == set(Cause)
    for (_, cause), rule in TAXONOMY.items():
        assert bool(LAWFUL_ACTIONS[cause]) or not rule.left_to_a_person
        # What a credit lacks stands in transit.
        if rule.posting is not Posting.SUSPENSE and cause is not Cause.BANK_CREDIT_DIFFERS:
            assert Do.WRITE_OFF not in LAWFUL_ACTIONS[cause]


@pytest.mark.parametrize(
    ("cause", "action"),
    [
        (cause, action)
        for cause in Cause
        for action in ResolutionAction
        if action is not Do.UNDO and action not in LAWFUL_ACTIONS[cause]
    ],
)
def test_an_action_that_does_not_end_a_cause_is_refused(
    cause: Cause, action: ResolutionAction
) -> None:
    """
    The refusal names what would be lawful.
    """
    with pytest.raises(ResolutionActionUnlawful) as refused:
        decided(context(a_finding(cause)), asked(action))

    assert set(refused.value.lawful) == LAWFUL_ACTIONS[cause]


def test_a_small_difference_is_written_off_by_one_person() -> None:
    """
    It is resolved at once, out of suspense, under the number of the decision.
    """
    done = decided(context(), asked())

    assert done.discrepancy.state is DiscrepancyState.RESOLVED
    assert done.resolution.state is ResolutionState.IN_FORCE
    assert (done.resolution.alone, done.resolution.amount) == (1, Money(9_00))
    assert entries(done) == {Account.WRITEOFF: 9_00, Account.SUSPENSE: -9_00}
    (journal,) = done.postings.journals
    assert journal.key == done.resolution.journal_key
    assert journal.key.subject == done.discrepancy.id


def test_what_the_bank_paid_too_much_leaves_suspense_the_other_way() -> None:
    """
    The account that was named gets the credit.
    """
    done = decided(context(a_finding(paise=70_00)), asked(Do.ACCEPT_BANK, account=Account.ROUNDING))

    assert entries(done) == {Account.ROUNDING: -70_00, Account.SUSPENSE: 70_00}


@pytest.mark.parametrize("action", sorted(LIMITED))
@pytest.mark.parametrize(
    ("paise", "before", "seconded"),
    [
        (100_00, 400_00, False),
        (-100_01, 0, True),
        (100_00, 400_01, True),
        (100_01, 500_00, True),
    ],
)
def test_above_a_limit_a_second_person_is_needed(
    action: ResolutionAction, paise: int, before: int, *, seconded: bool
) -> None:
    """
    100.00 each and 500.00 a day are within the limits, a paisa more of either is not.
    """
    cause = Cause.DUPLICATE_LINE if action in ABOUT_HELD_LINES else Cause.GROSS_DIFFERS
    account = Account.MDR if action is Do.ACCEPT_BANK else None
    alone = DecidedAlone(4, Money(before))

    done = decided(context(a_finding(cause, paise)), asked(action, account=account), alone)

    assert (done.resolution.state is ResolutionState.PROPOSED) is seconded
    assert done.resolution.alone == (None if seconded else 5)
    expected = DiscrepancyState.AWAITING_APPROVAL if seconded else DiscrepancyState.RESOLVED
    assert done.discrepancy.state is expected
    if seconded:
        assert done.postings.journals == ()


@pytest.mark.parametrize(
    ("cause", "request_of_it"),
    [
        (Cause.FOREIGN_ORDER, asked(Do.NOT_OURS, account=Account.UNAPPLIED)),
        (Cause.CHARGEBACK, asked(Do.RECORD_LOST)),
    ],
)
def test_some_are_never_decided_alone(cause: Cause, request_of_it: ResolutionRequest) -> None:
    """
    Money that is not ours and a dispute that is lost, however little it is.
    """
    done = decided(context(a_finding(cause, -1)), request_of_it)

    assert done.resolution.state is ResolutionState.PROPOSED


def test_a_second_person_approves_and_it_is_posted() -> None:
    """
    The dispute is lost with the day and the name of who approved it.
    """
    told = context(a_finding(Cause.CHARGEBACK, -11800_00))
    proposed = decided(told, asked(Do.RECORD_LOST))

    done = approve(after(told, proposed), NOOR)

    assert done.discrepancy.state is DiscrepancyState.RESOLVED
    assert (done.resolution.approved_by, done.resolution.approved_at) == (NOOR, LATER)
    assert entries(done) == {Account.CB_LOSS: 11800_00, Account.DISPUTED: -11800_00}
    assert {each.payment for each in done.postings.journals[0].entries} == {PAYMENT}


def test_the_first_person_cannot_approve() -> None:
    """
    Whoever proposed it is refused, and so is an approval of nothing.
    """
    told = context(a_finding(paise=-200_00))
    proposed = decided(told, asked())

    with pytest.raises(ResolutionSecondPersonNeeded):
        approve(after(told, proposed), MIRA)
    with pytest.raises(NotAwaitingApproval):
        approve(told, NOOR)


def test_what_a_run_has_changed_meanwhile_is_not_approved() -> None:
    """
    The second person approves what the first one saw, and nothing else.
    """
    told = context(a_finding(paise=-200_00))
    proposed = after(told, decided(told, asked()))
    changed = replace(proposed.discrepancy, finding=a_finding(paise=-300_00))

    with pytest.raises(ResolutionOvertaken):
        approve(replace(proposed, discrepancy=changed), NOOR)


@pytest.mark.parametrize(
    ("by", "state"), [(NOOR, ResolutionState.REJECTED), (MIRA, ResolutionState.WITHDRAWN)]
)
def test_a_proposal_is_rejected_or_withdrawn(by: str, state: ResolutionState) -> None:
    """
    The discrepancy is open again, and nothing was posted.
    """
    told = context(a_finding(paise=-200_00))

    done = reject(after(told, decided(told, asked())), by)

    assert (done.resolution.state, done.resolution.ended_by) == (state, by)
    assert done.discrepancy.state is DiscrepancyState.OPEN
    assert done.postings == Postings()


@pytest.mark.parametrize(
    ("cause", "action", "due"),
    [
        (Cause.NOT_SETTLED_WHEN_DUE, Do.CLAIM, datetime(2026, 11, 20, 18, 30, tzinfo=UTC)),
        (Cause.GROSS_DIFFERS, Do.WAIT_UNTIL, datetime(2026, 11, 20, 18, 30, tzinfo=UTC)),
        (Cause.CHARGEBACK, Do.RECORD_CHARGEBACK, datetime(2026, 11, 20, 18, 30, tzinfo=UTC)),
        (Cause.CHARGEBACK, Do.RECORD_WON, datetime(2026, 11, 20, 18, 30, tzinfo=UTC)),
        (Cause.CHARGED_TWICE, Do.REFUND_STUDENT, AT + timedelta(days=10)),
    ],
)
def test_what_waits_for_money_stays_open(
    cause: Cause, action: ResolutionAction, due: datetime
) -> None:
    """
    It is the bank's until the end of its day in India, and the money stays where it stands.
    """
    until = None if action is Do.REFUND_STUDENT else UNTIL

    done = decided(context(a_finding(cause, -900_00)), asked(action, until=until))

    assert done.discrepancy.state is DiscrepancyState.OPEN
    assert (done.discrepancy.owner, done.discrepancy.due_at) == (Owner.BANK, due)
    assert done.resolution.state is ResolutionState.IN_FORCE
    assert done.postings.journals == ()


def test_a_dispute_is_won_when_the_money_is_back() -> None:
    """
    Without a day to wait for it is resolved, and nothing is posted: the settlement did it.
    """
    done = decided(context(a_finding(Cause.CHARGEBACK_WON_UNRECORDED)), asked(Do.RECORD_WON))

    assert done.discrepancy.state is DiscrepancyState.RESOLVED
    assert done.postings.journals == ()


def test_where_no_money_is_in_suspense_none_is_moved() -> None:
    """
    A fee that differs is part of the settlement: it is accepted without an account.
    """
    done = decided(context(a_finding(Cause.FEE_DIFFERS, -5)), asked(Do.ACCEPT_BANK))

    assert done.discrepancy.state is DiscrepancyState.RESOLVED
    assert (done.resolution.posts, done.resolution.journal_key) == (None, None)
    assert resolution_journal(done.resolution, done.discrepancy.finding, UNTIL) is None


@pytest.mark.parametrize(
    ("cause", "request_of_it", "field"),
    [
        (Cause.GROSS_DIFFERS, asked(Do.ACCEPT_BANK), "account"),
        (Cause.GROSS_DIFFERS, asked(Do.ACCEPT_BANK, account=Account.BANK), "account"),
        (Cause.GROSS_DIFFERS, asked(account=Account.WRITEOFF), "account"),
        (Cause.FEE_DIFFERS, asked(Do.ACCEPT_BANK, account=Account.MDR), "account"),
        (Cause.GROSS_DIFFERS, asked(payment=PAYMENT), "payment_id"),
        (Cause.GROSS_DIFFERS, asked(Do.CLAIM), "until"),
        (Cause.GROSS_DIFFERS, asked(Do.CLAIM, until=date(2026, 11, 17)), "until"),
        (Cause.GROSS_DIFFERS, asked(Do.CLAIM, until=date(2027, 5, 17)), "until"),
        (Cause.GROSS_DIFFERS, asked(until=UNTIL), "until"),
        (Cause.GROSS_DIFFERS, asked(amount=Money(8_99)), "amount"),
    ],
)
def test_an_action_names_what_it_needs_and_nothing_else(
    cause: Cause, request_of_it: ResolutionRequest, field: str
) -> None:
    """
    The refusal says which field.
    """
    with pytest.raises(ResolutionFieldRefused) as refused:
        decided(context(a_finding(cause)), request_of_it)

    assert refused.value.field == field


def test_the_payment_is_known_or_has_to_be_named() -> None:
    """
    A refund goes to the payment of the discrepancy, of its evidence, or to the one that is named.
    """
    line = a_finding(Cause.CHARGED_TWICE, subject=Subject.LINE, ref="4-7")
    told = replace(line, evidence=(("payment", PAYMENT),))

    with pytest.raises(ResolutionFieldRefused) as refused:
        decided(context(line), asked(Do.REFUND_STUDENT))
    known = decided(context(told), asked(Do.REFUND_STUDENT, amount=Money(9_00)))
    named = decided(context(told), asked(Do.REFUND_STUDENT, payment=OTHER))

    assert refused.value.field == "payment_id"
    assert (known.resolution.payment, known.resolution.amount) == (PAYMENT, Money(9_00))
    assert (named.resolution.payment, named.resolution.amount) == (OTHER, Money(9_00))


def test_a_refund_of_a_second_charge_is_asked_for_once() -> None:
    """
    The whole of it: a part is refused, and so is a second time.
    """
    told = context(a_finding(Cause.CHARGED_TWICE))
    part = asked(Do.REFUND_STUDENT, amount=Money(4_00))
    once = after(told, decided(told, asked(Do.REFUND_STUDENT)))

    for known, request in ((told, part), (once, asked(Do.REFUND_STUDENT))):
        with pytest.raises(ResolutionFieldRefused):
            decided(known, request)


def test_the_amount_may_be_repeated() -> None:
    """
    Who names the right amount is taken at their word.
    """
    assert decided(context(), asked(amount=Money(9_00))).resolution.amount == Money(9_00)


def test_another_version_than_the_one_that_was_seen_is_refused() -> None:
    """
    A run or a person was faster.
    """
    with pytest.raises(StaleDiscrepancy) as refused:
        decided(context(), asked(version=2))

    assert (refused.value.seen, refused.value.version) == (2, 3)


@pytest.mark.parametrize(
    "state", [state for state in DiscrepancyState if state is not DiscrepancyState.OPEN]
)
def test_only_what_is_open_is_resolved(state: DiscrepancyState) -> None:
    """
    Closed, being healed, or waiting for a second person: it is refused.
    """
    with pytest.raises(IllegalDiscrepancyStep):
        decided(context(state=state), asked())


def test_what_one_person_did_alone_one_person_undoes() -> None:
    """
    The journal is taken back by its mirror, and the discrepancy is open with new time for its owner.
    """
    told = context()
    done = decided(told, asked())

    undone = decided(after(told, done), asked(Do.UNDO, by=NOOR))

    assert undone.discrepancy.state is DiscrepancyState.OPEN
    assert undone.discrepancy.due_at == LATER + timedelta(hours=48)
    assert undone.resolution.undoes == 1
    assert undone.undone is not None
    assert (undone.undone.state, undone.undone.ended_by) == (ResolutionState.UNDONE, NOOR)
    assert [each.of for each in undone.postings.reversals] == [done.resolution.journal_key]
    assert undone.resolution.alone is None


def test_what_a_second_person_approved_a_second_person_undoes() -> None:
    """
    To undo it is proposed as well; until it is approved all stays as it was.
    """
    told = context(a_finding(paise=-200_00))
    proposed = after(told, decided(told, asked()))
    resolved = after(proposed, approve(proposed, NOOR))

    undo = decided(resolved, asked(Do.UNDO))
    waiting = after(resolved, undo)

    assert undo.resolution.state is ResolutionState.PROPOSED
    assert undo.discrepancy.state is DiscrepancyState.RESOLVED
    assert undo.postings.reversals == ()
    with pytest.raises(ResolutionSecondPersonNeeded):
        approve(waiting, MIRA)
    with pytest.raises(IllegalDiscrepancyStep):
        decided(waiting, asked(Do.UNDO))
    assert reject(waiting, NOOR).discrepancy.state is DiscrepancyState.RESOLVED
    approved = approve(waiting, NOOR)
    assert approved.discrepancy.state is DiscrepancyState.OPEN
    assert len(approved.postings.reversals) == 1


def test_a_claim_is_undone_without_a_journal() -> None:
    """
    The discrepancy stays open, and is ours again.
    """
    told = context()
    claimed = decided(told, asked(Do.CLAIM, until=UNTIL))

    undone = decided(after(told, claimed), asked(Do.UNDO))

    assert undone.discrepancy.owner is Owner.FINANCE
    assert undone.discrepancy.state is DiscrepancyState.OPEN
    assert undone.postings.reversals == ()


def test_nothing_is_undone_where_nothing_is_in_force() -> None:
    """
    Neither a first decision, nor one that was undone, nor a refund that was asked for.
    """
    told = context()
    done = after(told, decided(told, asked()))
    twice = after(done, decided(done, asked(Do.UNDO)))
    charged_twice = context(a_finding(Cause.CHARGED_TWICE))
    refunded = after(charged_twice, decided(charged_twice, asked(Do.REFUND_STUDENT)))

    for nothing in (told, twice, refunded):
        with pytest.raises(NothingInForce):
            decided(nothing, asked(Do.UNDO))


@pytest.mark.parametrize("action", sorted(ABOUT_HELD_LINES))
def test_a_line_that_a_run_counts_is_neither_released_nor_dropped(action: Do) -> None:
    """
    What it is the run finds out; until then its money stands in suspense.
    """
    counted = a_finding(Cause.DUPLICATE_LINE, 80_00, evidence=(("counted_since", "2026-11-17"),))

    with pytest.raises(ResolutionFieldRefused):
        decided(context(counted), asked(action))


def test_a_release_holds_until_a_run_counts_the_line() -> None:
    """
    Undone before that; afterwards it stays in force, whatever is found, and is undone no more.
    """
    told = context(a_finding(Cause.DUPLICATE_LINE, 80_00))
    released = after(told, decided(told, asked(Do.RELEASE_LINE)))
    assert released.discrepancy.state is DiscrepancyState.RESOLVED
    assert decided(released, asked(Do.UNDO)).discrepancy.state is DiscrepancyState.OPEN

    counted = count_lines(released.discrepancy, [], at=LATER, calendar=CALENDAR)
    later = replace(released, discrepancy=counted.discrepancy)

    assert counted.journal is None
    assert later.discrepancy.state is DiscrepancyState.OPEN
    assert overtaken(later) == []
    with pytest.raises(UndoRefused):
        decided(later, asked(Do.UNDO))
    with pytest.raises(IllegalDiscrepancyStep):
        count_lines(later.discrepancy, [], at=LATER, calendar=CALENDAR)


def test_a_match_moves_suspense_to_clearing() -> None:
    """
    As the worked posting of a line that nobody knew, with its payment.
    """
    matched = replace(
        decided(context(), asked()).resolution,
        action=Do.MATCH_TO,
        posts=JournalKind.MATCH,
        posted_paise=649_00,
        payment=PAYMENT,
    )

    journal = resolution_journal(matched, a_finding(), UNTIL)

    assert journal is not None
    assert [(each.account, each.amount.paise) for each in journal.entries] == [
        (Account.SUSPENSE, 649_00),
        (Account.CLEARING, -649_00),
    ]
    assert {each.payment for each in journal.entries} == {PAYMENT}
    assert journal_kind(Do.MATCH_TO, a_finding()) is JournalKind.MATCH
    assert journal_kind(Do.CLAIM, a_finding()) is None


@pytest.mark.parametrize("state", DiscrepancyState)
def test_what_a_run_opens_again_takes_the_decision_back(state: DiscrepancyState) -> None:
    """
    A decision holds while the discrepancy is resolved, a proposal while it awaits approval; a claim stays.
    """
    told = context(a_finding(paise=-200_00))
    claim = after(told, decided(told, asked(Do.CLAIM, until=UNTIL)))
    proposed = after(claim, decided(claim, asked()))
    approved = after(proposed, approve(proposed, NOOR))
    to_undo = after(approved, decided(approved, asked(Do.UNDO)))

    def ended(seen: ResolutionContext) -> list[int]:
        moved = replace(seen, discrepancy=replace(seen.discrepancy, state=state))
        found = overtaken(moved)
        assert all(each.resolution.state is ResolutionState.OVERTAKEN for each in found)
        return [each.resolution.sequence for each in found]

    resolved = state is DiscrepancyState.RESOLVED
    assert ended(proposed) == ([] if state is DiscrepancyState.AWAITING_APPROVAL else [2])
    assert ended(approved) == ([] if resolved else [2])
    assert ended(to_undo) == ([] if resolved else [2, 3])


def test_the_journal_of_what_was_overtaken_is_taken_back() -> None:
    """
    A proposal has none; what undid another one stays as it is.
    """
    told = context()
    done = after(told, decided(told, asked()))
    reopened = replace(done, discrepancy=replace(done.discrepancy, state=DiscrepancyState.OPEN))
    undone = after(done, decided(done, asked(Do.UNDO)))
    large = context(a_finding(paise=-200_00))
    proposed = after(large, decided(large, asked()))
    explained = replace(
        proposed, discrepancy=replace(proposed.discrepancy, state=DiscrepancyState.EXPLAINED)
    )

    (back,) = overtaken(reopened)
    (ended,) = overtaken(explained)

    assert [each.of for each in back.postings.reversals] == [done.history[0].journal_key]
    assert ended.postings.reversals == ()
    assert overtaken(undone) == []
