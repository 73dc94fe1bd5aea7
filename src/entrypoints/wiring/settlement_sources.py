"""Where settlement files are fetched from, and whose accounts and MIDs they are of, as the settings say."""

from collections.abc import Mapping

import httpx

from adapters.hdfc.settlement.reports import HdfcReports
from adapters.settlement_files.folder_source import FolderSource
from domain.settlements.settlement_report import FileOrigin
from entrypoints.settings.settings import Settings
from entrypoints.wiring.gateway_auth import status_request
from entrypoints.wiring.settlement_terms import agreement_of
from ports.clock import Clock
from ports.settlements.settlement_source import SettlementSource


def settlement_sources(
    settings: Settings, client: httpx.AsyncClient | None, clock: Clock
) -> Mapping[FileOrigin, SettlementSource]:
    """Return the sources that *settings* name: the bank's report API, then the folder."""
    sources: dict[FileOrigin, SettlementSource] = {}
    if settings.settlement_reports and client is not None:
        sources[FileOrigin.REPORT] = HdfcReports(
            client=client,
            base_url=settings.gateway_url or "",
            # As in a status read; which order that would be about is no part of them.
            headers={
                **status_request(settings, "reports").headers,
                "x-merchantid": settings.merchant_id,
            },
            now=clock.now,
        )
    if settings.settlement_folder is not None:
        sources[FileOrigin.FOLDER] = FolderSource(settings.settlement_folder, clock.now)
    return sources


def awaited_mids(settings: Settings) -> frozenset[str]:
    """Return the MIDs of which a file is awaited each working day: those that a method is settled over."""
    return frozenset(settings.settlement_mids.values()) or agreement_of(settings).mids
