"""What of a merchant account may be read: changed within limits, and what widens it is seen."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue.amount_limits import (
    PAYABLE_MAX,
    PAYABLE_MIN,
    AmountLimits,
    AmountOutOfLimits,
)
from domain.gateway_config.gateway_terms import (
    EVERY_METHOD,
    ConfigurationInvalid,
    GatewayTerms,
    PaymentMethod,
    TermsChange,
)
from domain.money import Money
from fakes.gateway_config.samples import TERMS

NARROW = replace(
    TERMS,
    methods=frozenset({PaymentMethod.UPI, PaymentMethod.CARD}),
    limits=AmountLimits(minimum=Money(100_00), maximum=Money(1_000_00)),
    session_lifetime=timedelta(minutes=10),
)

changes = st.builds(
    TermsChange,
    methods=st.none() | st.frozensets(st.sampled_from(PaymentMethod)),
    minimum=st.none() | st.builds(Money, st.integers(0, 60_000_000)),
    maximum=st.none() | st.builds(Money, st.integers(0, 60_000_000)),
    session_lifetime=st.none() | st.builds(timedelta, minutes=st.integers(0, 90)),
)


def test_limits_are_for_what_is_paid() -> None:
    """
    Both ends are allowed, and nothing outside them.
    """
    limits = AmountLimits(minimum=Money(100_00), maximum=Money(200_00))

    limits.check(Money(100_00))
    limits.check(Money(200_00))
    for paise in (99_99, 200_01):
        with pytest.raises(AmountOutOfLimits):
            limits.check(Money(paise))


@pytest.mark.parametrize(("least", "most"), [(9_99, 100_00), (10_00, 5_00_000_01), (200, 100)])
def test_limits_lie_within_those_of_the_product(least: int, most: int) -> None:
    """
    INR 10.00 to 5,00,000.00, in this order.
    """
    with pytest.raises(ValueError, match="between those"):
        AmountLimits(minimum=Money(least), maximum=Money(most))


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("merchant_id", {"merchant_id": ""}),
        ("merchant_id", {"merchant_id": "with a blank"}),
        ("merchant_id", {"merchant_id": "4111111111111111"}),
        ("payment_page_client_id", {"payment_page_client_id": "ü"}),
        ("api_version", {"api_version": "latest"}),
        ("webhook_user", {"webhook_user": "a:b"}),
        ("methods", {"methods": frozenset()}),
        ("minimum", {"minimum": Money(9_99)}),
        ("maximum", {"maximum": Money(5_00_000_01)}),
        ("maximum", {"maximum": Money(99_99)}),
        ("session_seconds", {"session_lifetime": timedelta(minutes=4)}),
        ("session_seconds", {"session_lifetime": timedelta(minutes=61)}),
    ],
)
def test_a_change_names_what_is_wrong(field: str, change: dict[str, Any]) -> None:
    """
    One field and its rule; what was sent is not repeated.
    """
    with pytest.raises(ConfigurationInvalid) as refused:
        TermsChange(**change).applied_to(NARROW)
    assert [name for name, _ in refused.value.faults] == [field]


def test_a_change_names_all_that_is_wrong() -> None:
    """
    At once, each with its rule.
    """
    change = TermsChange(
        merchant_id="with a blank",
        webhook_user="a:b",
        methods=frozenset(),
        minimum=Money(9_99),
        maximum=Money(5_00_000_01),
        session_lifetime=timedelta(minutes=4),
    )

    with pytest.raises(ConfigurationInvalid) as refused:
        change.applied_to(NARROW)
    assert [name for name, _ in refused.value.faults] == [
        *("minimum", "maximum", "merchant_id", "webhook_user", "methods", "session_seconds"),
    ]
    assert "methods: at least one is enabled" in str(refused.value)


def test_only_what_changes_is_checked() -> None:
    """
    A short session out of the environment stays, whatever else changes.
    """
    short = replace(NARROW, session_lifetime=timedelta(seconds=20), merchant_id="with a blank")
    change = TermsChange(
        merchant_id="with a blank",
        session_lifetime=timedelta(seconds=20),
        webhook_user="bank",
        api_version="2024-01-01",
        payment_page_client_id="other",
    )

    changed = change.applied_to(short)
    assert (changed.webhook_user, changed.session_lifetime) == ("bank", timedelta(seconds=20))
    assert TermsChange().applied_to(short) == short


@pytest.mark.parametrize(
    ("change", "widens"),
    [
        ({"methods": frozenset({PaymentMethod.UPI})}, False),
        ({"minimum": Money(200_00), "maximum": Money(900_00)}, False),
        ({"session_lifetime": timedelta(minutes=5)}, False),
        ({"methods": frozenset({PaymentMethod.WALLET})}, True),
        ({"minimum": Money(99_00)}, True),
        ({"maximum": Money(1_001_00)}, True),
        ({"session_lifetime": timedelta(minutes=11)}, True),
        ({"maxima": {PaymentMethod.UPI: Money(500_00)}}, False),
        ({"maxima": {}}, False),
        ({"merchant_id": "OTHER"}, True),
        ({"payment_page_client_id": "other"}, True),
        ({"api_version": "2024-01-01"}, True),
        ({"webhook_user": "other"}, True),
    ],
)
def test_what_widens_is_told_from_what_narrows(change: dict[str, Any], *, widens: bool) -> None:
    """
    What names us at the bank is never merely narrowed.
    """
    assert TermsChange(**change).applied_to(NARROW).widens(NARROW) is widens


@given(changes)
def test_whatever_is_taken_is_within_the_limits(change: TermsChange) -> None:
    """
    And what does not widen allows no amount, method or second that was not allowed before.
    """
    try:
        new = change.applied_to(NARROW)
    except ConfigurationInvalid:
        return
    assert PAYABLE_MIN <= new.limits.minimum <= new.limits.maximum <= PAYABLE_MAX
    assert new.methods
    if not new.widens(NARROW):
        assert new.methods <= NARROW.methods
        assert NARROW.limits.minimum <= new.limits.minimum
        assert new.limits.maximum <= NARROW.limits.maximum
        assert new.session_lifetime <= NARROW.session_lifetime


def test_each_field_has_its_word() -> None:
    """
    The audit log compares them all, in an order that does not depend on the set.
    """
    words = NARROW.words()

    assert words["methods"] == "UPI CARD"
    assert words["minimum"] == "100.00"
    assert words["session_seconds"] == "600"
    assert len(words) == len(GatewayTerms.__slots__) + 1
    assert TERMS.methods == EVERY_METHOD


CAPPED: Final = replace(
    NARROW,
    methods=frozenset({PaymentMethod.UPI, PaymentMethod.CARD}),
    maxima={PaymentMethod.UPI: Money(400_00), PaymentMethod.WALLET: Money(200_00)},
)


def test_a_method_is_offered_up_to_its_own_highest_amount() -> None:
    """
    Both ends of it are allowed; what is not enabled is not offered for any amount.
    """
    upi, card = PaymentMethod.UPI, PaymentMethod.CARD

    assert CAPPED.methods_for(Money(400_00)) == {upi, card}
    assert CAPPED.methods_for(Money(400_01)) == {card}
    assert NARROW.methods_for(Money(1_000_00)) == NARROW.methods
    assert CAPPED.payable == CAPPED.limits


def test_nothing_is_sold_for_more_than_some_method_takes() -> None:
    """
    A student would come to a page without a way to pay; one who began before still finds what is enabled.
    """
    only_upi = replace(CAPPED, methods=frozenset({PaymentMethod.UPI}))

    assert only_upi.payable == AmountLimits(minimum=Money(100_00), maximum=Money(400_00))
    assert only_upi.methods_for(Money(900_00)) == only_upi.methods


@pytest.mark.parametrize(
    "maxima",
    [
        {PaymentMethod.UPI: Money(9_99)},
        {PaymentMethod.WALLET: Money(5_00_000_01)},
        {PaymentMethod.UPI: Money(99_99), PaymentMethod.CARD: Money(50_00)},
    ],
)
def test_a_highest_amount_of_a_method_has_its_limits(maxima: dict[PaymentMethod, Money]) -> None:
    """
    Those of the product, and some method that is enabled takes the lowest amount.
    """
    with pytest.raises(ConfigurationInvalid) as refused:
        TermsChange(maxima=maxima).applied_to(CAPPED)
    assert [name for name, _ in refused.value.faults] == ["method_maxima"]


def test_a_higher_amount_of_a_method_widens() -> None:
    """
    One that is lifted or left out, too; a lower one narrows, and what is not told stays.
    """
    lower = TermsChange(maxima={**CAPPED.maxima, PaymentMethod.UPI: Money(300_00)})
    higher = TermsChange(maxima={**CAPPED.maxima, PaymentMethod.UPI: Money(400_01)})

    assert not lower.applied_to(CAPPED).widens(CAPPED)
    assert higher.applied_to(CAPPED).widens(CAPPED)
    assert TermsChange(maxima={}).applied_to(CAPPED).widens(CAPPED)
    assert TermsChange(minimum=Money(150_00)).applied_to(CAPPED).maxima == CAPPED.maxima
    assert CAPPED.words()["method_maxima"] == "UPI 400.00 WALLET 200.00"
