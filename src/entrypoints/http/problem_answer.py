"""A problem as programs read it, with every member that one of them may carry."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from entrypoints.http.faults import Fault

Rupees = Annotated[str, Meta(pattern=r"^[0-9]+\.[0-9]{2}$", examples=["1180.00"])]


class PaymentDetailAnswer(StrEnum):
    """A ``PaymentDetail`` by the name that it has in a request or, of the price, in the answer."""

    NAME = "billing.name"
    STATE = "billing.state_code"
    GSTIN = "billing.gstin"
    ADDRESS = "billing.address"
    DISCOUNT_CODE = "discount_code"
    PAYABLE = "payable"


class ChangedDetailAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One of what the payment under way differs in; null is what one of the two does not have."""

    field: Annotated[
        PaymentDetailAnswer,
        Meta(
            description="What differs, as a request or the answer calls it.",
            examples=["discount_code"],
        ),
    ]
    under_way: Annotated[
        str | None, Meta(description="What it is in the payment under way.", examples=[None])
    ]
    asked: Annotated[
        str | None, Meta(description="What it is in what was asked for now.", examples=["TEN"])
    ]


class ProblemAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    RFC 9457. The first five members are there always; which others a problem carries, and what its
    `reason` may be, its page at `type` says.
    """

    type: Annotated[
        str,
        Meta(
            description="Which problem it is: the address of a page about it. Tell problems apart by its last part.",
            examples=["https://pay.example.in/problems/not-found"],
        ),
    ]
    title: Annotated[str, Meta(description="The problem in a few words, the same each time.")]
    status: Annotated[int, Meta(description="The status of the answer.")]
    detail: Annotated[str, Meta(description="What is the matter this time, for a person.")]
    request_id: Annotated[
        str,
        Meta(
            description="By which the request is found in the log: that of the header X-Request-ID.",
            examples=["5f0c1b2a3d4e5f60"],
        ),
    ]
    errors: Annotated[
        Sequence[Fault] | UnsetType,
        Meta(description="Each member, parameter or header that is at fault, at most 20."),
    ] = UNSET
    reason: Annotated[
        str | UnsetType,
        Meta(
            description="Which rule it is, as a stable word that the problem's page lists.",
            examples=["expired"],
        ),
    ] = UNSET
    transaction_id: Annotated[
        str | UnsetType, Meta(description="The payment that the problem is about.")
    ] = UNSET
    order_id: Annotated[
        str | UnsetType, Meta(description="The same as `transaction_id`, as the bank calls it.")
    ] = UNSET
    payment_url: Annotated[
        str | UnsetType | None, Meta(description="Where the payment under way is continued.")
    ] = UNSET
    expires_at: Annotated[
        datetime | UnsetType, Meta(description="Until when the payment under way can be paid.")
    ] = UNSET
    payable: Annotated[Rupees | UnsetType, Meta(description="What is to be paid.")] = UNSET
    differs: Annotated[
        Sequence[ChangedDetailAnswer] | UnsetType,
        Meta(
            description="In what the payment under way is another one than what was asked for; empty where it is the "
            "same. Its `payable` is compared where what was asked for has a price now."
        ),
    ] = UNSET
    minimum: Annotated[Rupees | UnsetType, Meta(description="The least amount.")] = UNSET
    maximum: Annotated[Rupees | UnsetType, Meta(description="The largest amount.")] = UNSET
    payable_before: Annotated[
        Rupees | UnsetType | None,
        Meta(description="The price that was seen, null where it was not told."),
    ] = UNSET
    payable_now: Annotated[Rupees | UnsetType, Meta(description="The price as it is now.")] = UNSET
    available_amount: Annotated[Rupees | UnsetType, Meta(description="What is left to refund.")] = (
        UNSET
    )
    dispute_id: Annotated[str | UnsetType, Meta(description="The dispute.")] = UNSET
    dispute_status: Annotated[str | UnsetType, Meta(description="How the dispute stands.")] = UNSET
    payment_status: Annotated[
        str | UnsetType, Meta(description="The state of the payment under review.")
    ] = UNSET
    lawful: Annotated[
        Sequence[str] | UnsetType, Meta(description="The actions that are possible.")
    ] = UNSET
    version: Annotated[int | UnsetType, Meta(description="The present version.")] = UNSET
    state: Annotated[str | UnsetType, Meta(description="The present state.")] = UNSET
    at_most: Annotated[int | UnsetType, Meta(description="How many at once.")] = UNSET
    since: Annotated[datetime | UnsetType, Meta(description="Since when the job runs.")] = UNSET
    line: Annotated[
        int | UnsetType | None,
        Meta(description="The line of the file, null where it is not at one line."),
    ] = UNSET
