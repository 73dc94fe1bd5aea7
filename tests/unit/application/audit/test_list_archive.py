"""Archived months are listed for staff, all or by payment."""

from application.audit.list_archive import ListArchive
from contracts.audit.record_archive_contract import INBOX, MINE
from fakes.samples import payment_id
from unit.application.audit.test_archive_records import rows_of


async def test_months_are_listed_by_payment() -> None:
    """
    The latest first; of one payment those whose files hold something about it.
    """
    rows = await rows_of(INBOX)
    await rows.drop_all()
    archive = ListArchive(rows.memory.archive_register, rows.memory.record_archive)

    found = await archive()

    assert [(each.kind, str(each.month.month), each.count) for each in found] == [
        ("inbox", "2023-10", 3)
    ]
    assert await archive(MINE) == found
    assert await archive(payment_id(4)) == []
