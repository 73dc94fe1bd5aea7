"""What staff type is read as any id, as an address and as a telephone number, and never as a card number."""

import pytest

from domain.payments.search_term import SEARCH_CHARS_MAX, SearchCardNumberRefused, SearchTerm
from domain.text.email_address import masked_email

OURS = "SKAAAAAAAAAAAAAAAAAAAB"[:20]


@pytest.mark.parametrize("typed", ["", "  ", "\t\n"])
def test_nothing_looks_for_nothing(typed: str) -> None:
    """
    An empty box is no term.
    """
    assert SearchTerm.read(typed) is None


@pytest.mark.parametrize(
    "typed", [OURS, OURS.lower(), f" {OURS} ", f"https://fees.example.com/payments/{OURS}?a=b"]
)
def test_our_id_is_found_in_what_is_pasted(typed: str) -> None:
    """
    Staff are sent addresses of pages.
    """
    assert SearchTerm.read(typed) == SearchTerm(OURS)


def test_an_id_that_is_too_long_is_not_ours() -> None:
    """
    Nothing is cut out of another id.
    """
    assert SearchTerm.read(f"{OURS}A") == SearchTerm(f"{OURS}A")


def test_an_address_is_compared_in_lower_case() -> None:
    """
    And as it is, since a student's id may be one.
    """
    assert SearchTerm.read("Asha@Example.com") == SearchTerm("Asha@Example.com", "asha@example.com")


@pytest.mark.parametrize("typed", ["9845012345", "+91 98450 12345", "(0)98450-12345"])
def test_a_telephone_number_is_compared_in_each_form(typed: str) -> None:
    """
    However it was written here and on the platform.
    """
    term = SearchTerm.read(typed)

    assert term is not None
    assert {"9845012345", "+919845012345", "919845012345", "09845012345"} <= set(term.phones)


@pytest.mark.parametrize("typed", ["12345", "INV/2627/0000001", "74537604221111111111111"])
def test_anything_else_is_no_telephone_number(typed: str) -> None:
    """
    An id is compared as it is.
    """
    assert SearchTerm.read(typed) == SearchTerm(typed)


def test_a_card_number_is_refused() -> None:
    """
    It is neither looked for nor kept in an address.
    """
    with pytest.raises(SearchCardNumberRefused):
        SearchTerm.read("4111 1111 1111 1111")


def test_what_is_too_long_is_cut() -> None:
    """
    No id is longer.
    """
    term = SearchTerm.read("x" * (SEARCH_CHARS_MAX + 1))

    assert term is not None
    assert len(term.text) == SEARCH_CHARS_MAX


@pytest.mark.parametrize(
    ("address", "expected"),
    [("asha@example.com", "a•••@example.com"), ("a@b.in", "a•••@b.in"), ("", "•••")],
)
def test_an_address_is_masked(address: str, expected: str) -> None:
    """
    The first character and the host are left.
    """
    assert masked_email(address) == expected
