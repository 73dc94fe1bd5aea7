"""All that is wrong with one course or discount code is told at once."""

from typing import Any, Final

import pytest

from entrypoints.catalogue_import.record_faults import faults_of_course, faults_of_discount

COURSE: Final[dict[str, Any]] = {
    "id": "python",
    "title": "Python",
    "list_price": "1000",
    "price_mode": "inclusive",
    "sac": "999293",
    "gst_rate": "18",
}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"title": "", "list_price": "a", "sac": "1"}, ["title", "list_price", "sac"]),
        ({"id": "No Id", "gst_rate": "17"}, ["id", "gst_rate"]),
        ({"price_mode": "odd", "delivery": "post"}, ["price_mode", "delivery"]),
        ({"delivery": "post", "venue_state": "29", "title": ""}, ["title", "delivery"]),
        ({"venue_state": "29", "active": "perhaps"}, ["active", "venue_state"]),
        ({"exempt": True, "title": ""}, ["title", "gst_rate"]),
        ({"unknown": 1, "list_price": "9.99"}, ["unknown", "list_price"]),
    ],
)
def test_each_fault_of_a_course(changes: dict[str, Any], fields: list[str]) -> None:
    """
    In the order in which they are read, and none that comes of mending another.
    """
    assert [each.field for each in faults_of_course({**COURSE, **changes})] == fields


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ({"code": "TEN", "kind": "percent", "percent": "10"}, []),
        (
            {"code": "!", "kind": "percent", "percent": "many", "valid_from": "soon"},
            ["valid_from", "percent", "code"],
        ),
        (
            {"code": "TEN", "kind": "flat", "amount": "1.234", "total_limit": 0},
            ["amount", "total_limit"],
        ),
        ({"code": "TEN", "kind": "odd", "amount": "5.00", "active": "so"}, ["kind", "active"]),
        ({"kind": "odd"}, ["code", "kind"]),
    ],
)
def test_each_fault_of_a_discount_code(record: dict[str, Any], fields: list[str]) -> None:
    """
    Whichever kind of code it was meant to be.
    """
    assert [each.field for each in faults_of_discount(record)] == fields
