"""Every cause has a row, and a row says who does what."""

from domain.reconciliation.taxonomy import TAXONOMY, Action, Cause, DiscrepancyType, Owner, Posting


def test_every_cause_has_a_row() -> None:
    """
    Each cause belongs to one type; only a chargeback occurs for a known and for an unknown payment.
    """
    causes = [cause for _, cause in TAXONOMY]

    assert set(causes) == set(Cause)
    assert sorted(cause for cause in set(causes) if causes.count(cause) > 1) == [Cause.CHARGEBACK]
    assert {kind for kind, _ in TAXONOMY} == set(DiscrepancyType)


def test_what_the_machine_ends_leaves_nothing_to_a_person() -> None:
    """
    A netted refund is explained, and what the bank gave back by itself heals; all else has an owner who acts.
    """
    ends_alone = {cause for (_, cause), rule in TAXONOMY.items() if not rule.left_to_a_person}

    assert ends_alone == {Cause.NETTED_REFUND, Cause.AUTO_REFUNDED_THERE}


def test_a_lost_record_is_the_work_of_operations() -> None:
    """
    An order of ours that we do not know, and a sale that the bank does not know, are no matter of accounts.
    """
    assert {cause for (_, cause), rule in TAXONOMY.items() if rule.owner is Owner.OPERATIONS} == {
        Cause.UNKNOWN_ORDER,
        Cause.SOLD_HERE_UNKNOWN_THERE,
    }


def test_a_sale_is_never_healed_away() -> None:
    """
    Success never becomes failed: no machine acts on a sale that the bank denies.
    """
    rule = TAXONOMY[DiscrepancyType.STATUS_MISMATCH, Cause.SOLD_HERE_UNKNOWN_THERE]

    assert rule.action is Action.PERSON
    assert rule.posting is Posting.NONE
