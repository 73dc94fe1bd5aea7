"""What a merchant agrees with the bank before the first rupee flows: address, names and keys."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from adapters.hdfc.addresses import may_be_talked_to

RESELLER: Final = "hdfc_reseller"


@dataclass(frozen=True, slots=True, kw_only=True)
class HdfcSettings:
    """
    One merchant account at one gateway host; test and production never share one.

    *payment_hosts* are hosts (``host`` or ``host:port``) beside the gateway's own that may show the
    payment page. *api_key_colon* is whether the key is sent with RFC 7617's colon (protocol page, 1.3).
    """

    base_url: str
    merchant_id: str
    api_key: str = field(repr=False)
    api_key_colon: bool = True
    payment_page_client_id: str
    version: str = "2023-06-30"
    return_url: str
    response_key: str = field(repr=False)
    payment_hosts: tuple[str, ...] = ()
    connect_timeout: timedelta = timedelta(seconds=5)
    read_timeout: timedelta = timedelta(seconds=30)

    def __post_init__(self) -> None:
        if not may_be_talked_to(self.base_url):
            raise ValueError("the gateway is reached by https, or by http on this machine")
        if not self.api_key or not self.response_key:
            raise ValueError("a gateway without keys cannot be trusted")

    @property
    def patience(self) -> timedelta:
        """How long one question may take in all, however slowly its answer drips in."""
        return self.connect_timeout + self.read_timeout
