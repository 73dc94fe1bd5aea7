"""What a merchant agrees with the bank beforehand: the address, names and keys."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from adapters.hdfc.addresses import may_be_contacted
from adapters.hdfc.auth.request_auth import Authentication
from domain.money import Money

RESELLER: Final = "hdfc_reseller"


def all_of_the_account(amount: Money) -> tuple[str, ...]:  # noqa: ARG001 - whatever it is
    """Return no method: the page shows what the account has."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HdfcSettings:
    """
    One merchant account at one gateway host; test and production have different ones.

    *payment_hosts* are hosts (``host`` or ``host:port``) beside the gateway's own that may show the
    payment page. *methods* returns the only ones that the page shows for an amount, under the bank's names; none of
    them named, it shows what the account has. *auth* is the mode of the account: an API key, or keys to sign and
    encrypt with.
    """

    base_url: str
    merchant_id: str
    auth: Authentication
    payment_page_client_id: str
    version: str = "2023-06-30"
    return_url: str
    response_key: str = field(repr=False)
    payment_hosts: tuple[str, ...] = ()
    methods: Callable[[Money], tuple[str, ...]] = all_of_the_account
    connect_timeout: timedelta = timedelta(seconds=5)
    read_timeout: timedelta = timedelta(seconds=30)

    def __post_init__(self) -> None:
        if not may_be_contacted(self.base_url):
            raise ValueError("the gateway is reached by https, or by http on this machine")
        if not self.response_key:
            raise ValueError("a gateway without keys cannot be trusted")

    @property
    def total_timeout(self) -> timedelta:
        """How long one request may take in all, however slowly its answer arrives."""
        return self.connect_timeout + self.read_timeout
