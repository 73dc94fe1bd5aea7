"""What a student types as billing details is kept as it is printed, or refused by its field."""

from typing import Final

import pytest

from domain.tax.gst import Buyer, BuyerInvalid
from domain.text.card_number import CardNumberRefused
from entrypoints.http.api.idempotency import is_key
from entrypoints.http.api.wire import Billing, PaymentWanted
from text_vectors import (
    ADDRESSES,
    BLANK_NAMES,
    CARD_NUMBERS,
    FOLDED_ADDRESSES,
    FOLDED_NAMES,
    NAMES,
    NO_OPAQUE_IDS,
    OPAQUE_IDS,
    UNPRINTABLE_NAMES,
)

HOME: Final = "1 Example Road, Pune"


def buyer(name: str = "Asha", address: str | None = HOME) -> Buyer:
    return Billing(name=name, state_code="27", address=address).buyer()


@pytest.mark.parametrize("text", [*NAMES, *ADDRESSES])
def test_names_and_addresses_are_kept_as_they_are(text: str) -> None:
    """
    In any script, with a PIN code beside a telephone number.
    """
    assert (text, text) == (buyer(name=text).name, buyer(address=text).address)


@pytest.mark.parametrize(("typed", "kept"), FOLDED_NAMES)
def test_a_name_is_kept_on_one_line(typed: str, kept: str) -> None:
    """
    What was pasted with a tab or a line break.
    """
    assert kept == buyer(name=typed).name


@pytest.mark.parametrize(("typed", "kept"), FOLDED_ADDRESSES)
def test_an_address_typed_in_lines_is_kept_on_one(typed: str, kept: str) -> None:
    """
    The form has a field of three lines; each line break becomes a comma.
    """
    assert kept == buyer(address=typed).address


@pytest.mark.parametrize("text", [*BLANK_NAMES, *UNPRINTABLE_NAMES])
def test_what_cannot_be_printed_is_refused(text: str) -> None:
    """
    An invoice names somebody, and shows nothing that is not there.
    """
    with pytest.raises(BuyerInvalid) as refused:
        buyer(name=text)
    assert refused.value.field == "name"
    if text.strip():
        with pytest.raises(BuyerInvalid):
            buyer(address=text)


@pytest.mark.parametrize("text", CARD_NUMBERS)
def test_a_card_number_is_refused(text: str) -> None:
    """
    Also when it was typed in lines.
    """
    for name, address in ((f"Asha {text}", HOME), ("Asha", f"{HOME} {text}")):
        with pytest.raises(CardNumberRefused):
            buyer(name, address)


def test_the_same_details_in_other_lines_are_the_same_request() -> None:
    """
    An idempotency key stands for what is asked, not for how it was spaced.
    """
    first, second = (
        PaymentWanted(
            course_id="python", billing=Billing(name=name, state_code="27", address=address)
        ).digest()
        for name, address in (("Asha\tRao ", "1 Road\r\nPune"), ("Asha Rao", "1 Road, Pune"))
    )

    assert first == second


def test_blank_lines_are_no_address() -> None:
    """
    As an empty field is none.
    """
    assert buyer(address=" \r\n\t").address is None


@pytest.mark.parametrize("text", OPAQUE_IDS)
def test_any_uuid_is_an_idempotency_key(text: str) -> None:
    """
    One in nine hundred holds digits like a card's.
    """
    assert is_key(text)


@pytest.mark.parametrize("text", NO_OPAQUE_IDS)
def test_a_card_number_is_no_idempotency_key(text: str) -> None:
    """
    Keys are kept.
    """
    assert not is_key(text)
