"""What the command line has done about returns and documents, each in a short life of its own."""

import shutil
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from domain.errors import DomainError
from domain.gst_return import Gstr1
from domain.return_period import ReturnPeriod
from entrypoints.wiring.commands import BY_COMMAND, with_container
from entrypoints.wiring.container import Shulk
from entrypoints.wiring.settings import Settings
from ports.return_files import ReturnFormat

IN_MEMORY_MAX: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class GstReport:
    """What was done in a sentence, or why nothing was."""

    summary: str = ""
    problem: str = ""


def export(settings: Settings, period: str, form: str, to: BinaryIO) -> GstReport:
    """Write the return of *period* in *form* to *to*, which stays as it is when there is none."""

    async def exported(container: Shulk) -> Gstr1:
        with cast("BinaryIO", SpooledTemporaryFile(IN_MEMORY_MAX)) as aside:
            totals: Gstr1 = await container.use_cases.export_return()(
                ReturnPeriod.parse(period), ReturnFormat(form), aside, BY_COMMAND
            )
            aside.seek(0)
            shutil.copyfileobj(aside, to)
        return totals

    try:
        totals = with_container(settings, exported)
    except DomainError as refusal:
        return GstReport(problem=f"{refusal}")
    return GstReport(summary=_told(totals, period))


def _told(totals: Gstr1, period: str) -> str:
    documents = sum(totals.listed.values())
    listed = sum(count for table, count in totals.listed.items() if table.is_listed)
    return (
        f"GSTR-1 of {period}: {documents} documents, {listed} of them listed; taxable "
        f"{totals.net.taxable}, with tax {totals.net.total}; services tie with documents"
    )
