"""The first pass in one transaction of its own: it writes nothing but tables that end with it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from adapters.postgres.engine.database import Database
from adapters.postgres.reconciliation.book_reads import to_record
from adapters.postgres.reconciliation.first_pass_rules import rules_of
from adapters.postgres.reconciliation.first_pass_statements import (
    AGAIN,
    ASIDE,
    COUNT,
    COUNT_AGAIN,
    COUNT_LEFT,
    DECIDE,
    LEFT,
    OPEN,
    OTHERS,
    OWN,
)
from adapters.postgres.settlements.line_rows import to_stored_line
from domain.business_day import business_day_of
from domain.reconciliation.evidence import Agreement
from domain.reconciliation.plain_sums import PlainSums
from ports.file_store import FileHash
from ports.reconciliation.first_pass import FirstPassQuery, FirstPassResult

LIMIT: Final = timedelta(minutes=10)
"""For one statement; a worker may hold its run for longer."""

SUMMED: Final = (
    "lines", "gross_paise", "fee_paise", "cgst_paise", "sgst_paise", "igst_paise", "utgst_paise",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PostgresFirstPass:
    database: Database

    async def __call__(self, query: FirstPassQuery, agreement: Agreement) -> FirstPassResult:
        rules = rules_of(agreement)
        again = {
            "again_files": [each.file for each in query.again],
            "again_lines": [each.line_no for each in query.again],
        }
        reports = sorted(query.live | query.held)
        async with (
            self.database.borrow() as connection,
            connection.long_transaction(LIMIT, on_one_snapshot=True),
        ):
            run = connection.fetch_within
            for statement in ASIDE:
                await run(LIMIT, statement)
            await run(
                LIMIT,
                OWN,
                files=[file for file, _ in reports],
                settlements=[settlement for _, settlement in reports],
                are_live=[each in query.live for each in reports],
                apart_from=sorted(query.apart_from),
                **again,
                **rules,
            )
            await run(LIMIT, OTHERS, **again)
            for statement in COUNT:
                await run(LIMIT, statement)
            await run(LIMIT, AGAIN)
            await run(LIMIT, COUNT_AGAIN)
            groups = await run(LIMIT, DECIDE, **rules)
            await run(LIMIT, COUNT_LEFT)
            left = await run(LIMIT, LEFT)
            open_ = await run(LIMIT, OPEN, last=business_day_of(query.at))
        return FirstPassResult(
            plain=_summed(groups, reports, agreement),
            lines=[to_stored_line(row) for row in left],
            open=[to_record(row) for row in open_],
        )


def _summed(
    groups: Sequence[Mapping[str, Any]],
    reports: Sequence[tuple[FileHash, str]],
    agreement: Agreement,
) -> tuple[PlainSums, ...]:
    """Return the sums of *groups*, which name *reports* by number, by the day on which their sales were due."""
    sums: dict[tuple[str, str, date, date], list[int]] = defaultdict(lambda: [0] * len(SUMMED))
    for group in groups:
        file, settlement = reports[group["report"] - 1]
        place = (file, settlement, group["settled_on"], _due_on(group, agreement))
        sums[place] = [one + group[name] for one, name in zip(sums[place], SUMMED, strict=True)]
    return tuple(
        PlainSums(
            file=file,
            settlement=settlement,
            settled_on=settled_on,
            due_on=due_on,
            **dict(zip(SUMMED, told, strict=True)),
        )
        for (file, settlement, settled_on, due_on), told in sorted(sums.items())
    )


def _due_on(group: Mapping[str, Any], agreement: Agreement) -> date:
    method = group["paid_by"]
    mid = agreement.mids_by_method.get(method or "")
    return agreement.terms.settled_after(group["business_date"], mid, method)
