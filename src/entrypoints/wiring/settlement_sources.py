"""Where settlement files are fetched from, and whose accounts and MIDs they are of, as the settings say."""

from collections.abc import Callable, Mapping

import httpx

from adapters.hdfc.settlement.reports import HdfcReports
from adapters.settlement_files.folder_source import FolderSource
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.settlements.settlement_report import FileOrigin
from entrypoints.settings.settings import Settings
from entrypoints.wiring.gateway_auth import status_request
from entrypoints.wiring.settlement_terms import agreement_of
from ports.clock import Clock
from ports.settlements.settlement_source import SettlementSource


def settlement_sources(
    settings: Settings,
    configuration: Callable[[], GatewayConfiguration],
    client: httpx.AsyncClient | None,
    clock: Clock,
) -> Mapping[FileOrigin, SettlementSource]:
    """Return the sources that *settings* name: the bank's report API, then the folder."""
    sources: dict[FileOrigin, SettlementSource] = {}
    if settings.settlement_reports and client is not None:
        sources[FileOrigin.REPORT] = HdfcReports(
            client=client,
            base_url=settings.gateway_url or "",
            headers=lambda: _headers(settings, configuration()),
            now=clock.now,
        )
    if settings.settlement_folder is not None:
        sources[FileOrigin.FOLDER] = FolderSource(settings.settlement_folder, clock.now)
    return sources


def _headers(settings: Settings, current: GatewayConfiguration) -> Mapping[str, str]:
    """Return the headers of a status read; which order that would be about is no part of them."""
    return {
        **status_request(settings, current.secrets.api_key, "reports").headers,
        "x-merchantid": current.terms.merchant_id,
    }


def awaited_mids(settings: Settings) -> frozenset[str]:
    """Return the MIDs of which a file is awaited each working day: those that a method is settled over."""
    return frozenset(settings.settlement_mids.values()) or agreement_of(settings).mids
