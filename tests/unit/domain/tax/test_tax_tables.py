"""The lists of service codes and rates that a course is accepted with."""

from decimal import Decimal

from domain.tax.tax_tables import NOTIFIED


def test_what_an_accountant_adds_stands_beside_what_is_notified() -> None:
    """
    Nothing of the shipped lists is lost, and the shipped lists themselves do not change.
    """
    more = NOTIFIED.with_more(frozenset({"998313"}), frozenset({Decimal("7.5")}))

    assert more.codes == NOTIFIED.codes | {"998313"}
    assert more.rates == NOTIFIED.rates | {Decimal("7.5")}
    assert Decimal("7.5") not in NOTIFIED.rates
