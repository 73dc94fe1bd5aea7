"""The endpoints of the platform: kept whole, saved only if nobody changed them since."""

from collections.abc import Sequence
from typing import Final, Protocol

from domain.webhooks.platform_endpoint import EndpointId, PlatformEndpoint

ENDPOINTS_MAX: Final = 20
"""More are not added: every fact is told to each of them."""


class PlatformEndpointWrites(Protocol):
    """The unit of work's part for endpoints."""

    def save(self, endpoint: PlatformEndpoint) -> None:
        """
        Collect *endpoint*, new when its version is 0.

        The unit ends in ``ChangedMeanwhile`` when it was saved, or removed, since it was read.
        """
        ...

    def remove(self, endpoint: PlatformEndpoint) -> None:
        """Collect that it is removed with all its deliveries; ends as ``save`` does."""
        ...


class PlatformEndpoints(Protocol):
    async def all(self) -> Sequence[PlatformEndpoint]:
        """Return every endpoint, the oldest first."""
        ...

    async def get(self, endpoint: EndpointId) -> PlatformEndpoint:
        """Return the endpoint, or raise ``NotFound``."""
        ...
