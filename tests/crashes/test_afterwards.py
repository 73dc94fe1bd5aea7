"""The verdict is not blind: each kind of loss is told."""

from typing import Any

import pytest

from crashes.afterwards import _compare, _compare_webhooks

OURS: dict[str, Any] = {"id": "SK1", "state": "success"}
REFUND = {"id": "RF1", "payment_id": "SK1", "state": "success", "amount_paise": 500_00}
AT_THE_BANK = {"unique_request_id": "RF1", "amount": 500, "status": "SUCCESS"}


def seen(status: str = "CHARGED", *refunds: dict[str, Any]) -> dict[str, Any]:
    return {"order": {"status": status, "refunds": list(refunds)}}


def verdict(bank: dict[str, Any], ours: dict[str, Any], *refunds: dict[str, Any]) -> list[str]:
    wrong: list[str] = []
    _compare(bank, ours, {each["id"]: each for each in refunds}, wrong)
    return wrong


def test_what_agrees_is_not_wrong() -> None:
    """
    A sale with a refund, a failed payment, a refund that failed at both ends.
    """
    failed = AT_THE_BANK | {"unique_request_id": "RF2", "status": "FAILURE"}

    assert verdict(seen("CHARGED", AT_THE_BANK, failed), OURS, REFUND) == []
    assert verdict(seen("AUTHORIZATION_FAILED"), OURS | {"state": "failed"}) == []


@pytest.mark.parametrize(
    ("bank", "ours", "refunds"),
    [
        pytest.param(seen("CHARGED"), OURS | {"state": "expired"}, (), id="a lost sale"),
        pytest.param(seen("NEW"), OURS, (), id="a phantom sale"),
        pytest.param(seen("CHARGED", AT_THE_BANK), OURS, (), id="a refund we do not know"),
        pytest.param(seen("CHARGED"), OURS, (REFUND,), id="a refund the bank does not know"),
        pytest.param(
            seen("CHARGED", AT_THE_BANK | {"amount": 501}), OURS, (REFUND,), id="another amount"
        ),
        pytest.param(
            seen("CHARGED", AT_THE_BANK, AT_THE_BANK | {"unique_request_id": "RF2"}),
            OURS,
            (REFUND,),
            id="a refund made twice",
        ),
    ],
)
def test_every_difference_is_told(
    bank: dict[str, Any], ours: dict[str, Any], refunds: tuple[dict[str, Any], ...]
) -> None:
    """
    One line for each payment on which the bank and the books differ.
    """
    assert len(verdict(bank, ours, *refunds)) == 1


def test_a_lost_acknowledgement_is_told() -> None:
    """
    A webhook that was answered 200 has to lie in the inbox; one that was refused need not.
    """
    wrong: list[str] = []
    events = [
        {"id": "evt_1", "deliveries": [{"status_code": 503}, {"status_code": 200}]},
        {"id": "evt_2", "deliveries": [{"status_code": 200}]},
        {"id": "evt_3", "deliveries": [{"status_code": 503}]},
    ]

    assert _compare_webhooks({"webhooks": events}, {"evt_2"}, wrong) == 2
    assert wrong == ["webhook evt_1 was acknowledged and is lost"]
